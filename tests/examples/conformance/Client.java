// A client of Clado's deep research: it does one action, and prints the result as JSON. It needs only a JDK (17).
import java.io.IOException;
import java.net.URI;
import java.net.http.*;
import java.time.*;
import java.time.format.DateTimeFormatter;
import java.util.*;
import java.util.concurrent.*;

/** `interval`: seconds between two polls. `timeout`: nanoseconds of one request. `end`: by System.nanoTime(). */
public record Client(HttpClient http, String url, String key, double interval, long timeout, long end) {
    static final String JOBS = "/api/search/deep_research";

    String poll(String job) throws Exception {
        for (; ; pause(interval, "")) {
            String answer = send("GET", job, "", true), status = parts(answer).get("status");
            if ("\"completed\"".equals(status)) return answer;
            if (("" + status).matches("\"(error|cancelled)\"")) throw new IllegalStateException("It ended: " + answer);
        }
    }

    /** Starts a job, or lets one find more people, which is never repeated if it may have begun. */
    String start(String path, String body) throws Exception {
        return poll(JOBS + "/" + parts(send("POST", path, body, false)).get("job_id").replace("\"", ""));
    }

    String pages(String job) throws Exception {
        poll(job);
        var people = new ArrayList<String>();
        var totals = new HashSet<String>();
        for (int page = 1, pages = 1; page <= pages; page++) {
            var answer = parts(send("GET", job + "?page=" + page + "&page_size=25", "", true));
            var paging = parts(answer.get("pagination"));
            people.addAll(parts(answer.get("results")).values());
            totals.add(paging.get("total_results"));
            pages = paging.get("has_next").equals("true") ? Integer.parseInt(paging.get("total_pages")) : 0;
        }
        if (totals.size() > 1 || new HashSet<>(people).size() < people.size())
            throw new IllegalStateException("The list of people has changed while its pages were read.");
        return people.toString();
    }

    /** Sends a request until it is answered. Without `again`, not if it may have started a job already. */
    String send(String method, String path, String body, boolean again) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(url + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .header("Authorization", "Bearer " + key).header("Content-Type", "application/json").build();
        for (double pause = interval, least = 0; ; pause = Math.min(2 * pause, 12 * interval), least = 0) {
            String said;
            boolean started = true;
            try {
                var sent = http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
                var answer = sent.orTimeout(Math.min(timeout, end - System.nanoTime()), TimeUnit.NANOSECONDS).get();
                String type = answer.headers().firstValue("content-type").orElse("");
                int status = answer.statusCode();
                said = method + " was answered with " + status + ": " + answer.body();
                started = status != 429 && status != 503;
                if (Set.of(408, 425, 429).contains(status) || status >= 500) least = retryAfter(answer.headers());
                else if (status != 200) throw new IllegalStateException(said);
                else if (type.contains("json") && !parts(answer.body()).isEmpty()) return answer.body();
            } catch (ExecutionException | IOException | DateTimeException error) {
                said = error.toString();
            }
            if (started && !again) throw new IllegalStateException("Nobody knows whether a job was started. " + said);
            pause(Math.max(pause, least), said);
        }
    }

    void pause(double seconds, String reason) throws Exception {
        if (System.nanoTime() + seconds * 1e9 >= end) throw new IllegalStateException("It is too late. " + reason);
        Thread.sleep((long) Math.ceil(seconds * 1000));
    }

    /** Returns the seconds of Retry-After. It may be a date, which counts from the answer's own date. */
    static double retryAfter(HttpHeaders headers) {
        String given = headers.firstValue("retry-after").orElse("0"), sent = headers.firstValue("date").orElse("");
        if (given.matches("\\d+")) return Double.parseDouble(given);
        var format = DateTimeFormatter.RFC_1123_DATE_TIME;
        return Duration.between(ZonedDateTime.parse(sent, format), ZonedDateTime.parse(given, format)).toSeconds();
    }

    /** Returns the members of an object, or the elements of an array, as JSON. A real client has a library for that. */
    static Map<String, String> parts(String json) throws IOException {
        var parts = new LinkedHashMap<String, String>();
        var token = java.util.regex.Pattern.compile("\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\"|[^\\s\"]").matcher(json);
        String name = null;
        for (int depth = 0, from = 0; token.find(); ) {
            String text = token.group();
            depth += "{[".contains(text) ? 1 : "}]".contains(text) ? -1 : 0;
            if (depth > 1 || depth == 1 && !"{[:,".contains(text)) continue;
            String part = json.substring(from, token.start()).strip();
            from = token.end();
            if (!text.equals(":") && !part.isEmpty()) parts.put(name == null ? "" + parts.size() : name, part);
            name = text.equals(":") ? part.replace("\"", "") : null;
            if (depth == 0 && "}]".contains(text)) return parts;
        }
        throw new IOException("It isn't JSON: " + json);
    }

    public static void main(String[] args) throws Exception {
        var env = System.getenv();
        long end = System.nanoTime() + (long) (Double.parseDouble(env.getOrDefault("JOBMOCK_DEADLINE", "3600")) * 1e9);
        double interval = Double.parseDouble(env.getOrDefault("JOBMOCK_INTERVAL", "5"));
        long timeout = (long) (Double.parseDouble(env.getOrDefault("JOBMOCK_TIMEOUT", "20")) * 1e9);
        String job = JOBS + "/" + env.get("CLADO_JOB_ID"), limit = env.get("JOBMOCK_LIMIT");
        String query = "{\"query\":\"" + ("" + env.get("JOBMOCK_QUERY")).replace("\\", "\\\\").replace("\"", "\\\"");
        String url = env.get("CLADO_BASE_URL"), key = env.get("CLADO_API_KEY");
        var client = new Client(HttpClient.newHttpClient(), url, key, interval, timeout, end);
        System.out.println(switch (env.get("JOBMOCK_ACTION")) {
            case "poll" -> client.poll(job);
            case "start" -> client.start(JOBS, query + (limit == null ? "\"" : "\",\"limit\":" + limit) + "}");
            case "pages" -> client.pages(job);
            case "more" -> client.start(job + "/more", limit == null ? "{}" : "{\"additional_limit\":" + limit + "}");
            case "cancel" -> client.send("POST", job + "/cancel", "", true);
            case "credits" -> client.send("GET", "/api/credits", "", true);
            default -> throw new IllegalStateException("This client can't do that.");
        });
    }
}
