// A small client of Clado's deep research, with its tests in the same file. It needs nothing but a JDK.
// Find people:   java Client.java "chemists in Graz"
// Run the tests: SECOND_MS=10 jobmock run --time scaled --speed 100 -- java Client.java --test

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

public class Client {
    static final Set<String> RUNNING = Set.of("pending", "searching", "processing");
    static final double LONGEST_PAUSE = 60;
    /** How many milliseconds a second lasts: fewer beside a mock in scaled time. */
    static final double SECOND = Double.parseDouble(System.getenv().getOrDefault("SECOND_MS", "1000"));

    static class JobFailed extends Exception {
        JobFailed(String message) { super(message); }
    }

    static class TooLate extends Exception {
        TooLate(String message, Throwable cause) { super(message, cause); }
    }

    static class Retry extends Exception {
        final double seconds;

        Retry(String message, double seconds) {
            super(message);
            this.seconds = seconds;
        }
    }

    final HttpClient http = HttpClient.newHttpClient();
    final String url, key;
    final double interval, deadline;

    Client(String url, String key, double interval, double deadline) {
        this.url = url;
        this.key = key;
        this.interval = interval;
        this.deadline = deadline;
    }

    /** Returns the id of each person. */
    List<String> findPeople(String query) throws Exception {
        long end = System.nanoTime() + (long) (deadline * SECOND * 1e6);
        // A start whose answer is lost isn't repeated: it would start, and charge, a second job.
        String escaped = query.replace("\\", "\\\\").replace("\"", "\\\"");
        String job = member("job_id", request("POST", "", "{\"query\": \"" + escaped + "\"}"));
        String last = persistent("/" + job, end);
        while (RUNNING.contains(member("status", last))) {
            pause(interval, end, null);
            last = persistent("/" + job, end);
        }
        if (!"completed".equals(member("status", last))) throw new JobFailed("The job ended: " + last);
        List<String> people = new ArrayList<>();
        for (int page = 1; ; page++) {
            String answer = persistent("/" + job + "?page=" + page + "&page_size=25", end);
            Pattern.compile("\"profile\":\\{\"id\":\"([^\"]+)\"").matcher(answer).results()
                .forEach(person -> people.add(person.group(1)));
            if (!"true".equals(member("has_next", answer))) return people;
        }
    }

    /** Sends a GET until it is answered. The pauses grow, and none is shorter than Retry-After. */
    String persistent(String path, long end) throws Exception {
        for (double pause = interval; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
            try {
                return request("GET", path, null);
            } catch (Retry error) {
                pause(Math.max(pause, error.seconds), end, error);
            }
        }
    }

    void pause(double seconds, long end, Exception cause) throws Exception {
        long millis = (long) Math.ceil(seconds * SECOND);
        if (System.nanoTime() + millis * 1_000_000 > end)
            throw new TooLate("Not done within " + deadline + " s", cause);
        Thread.sleep(millis);
    }

    String request(String method, String path, String body) throws Exception {
        var content = body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
        var request = HttpRequest.newBuilder(URI.create(url + "/api/search/deep_research" + path))
            .method(method, content).timeout(Duration.ofSeconds(30))
            .header("Authorization", "Bearer " + key).header("Content-Type", "application/json").build();
        HttpResponse<String> response;
        try {
            response = http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException error) {
            throw new Retry(method + ": " + error, 0);
        }
        int status = response.statusCode();
        String said = method + " was answered with " + status + ": " + response.body();
        if (status == 429 || status >= 500) throw new Retry(said, retryAfter(response));
        if (status != 200) throw new IOException(said);
        return response.body();
    }

    /** Retry-After is a number of seconds or a date, which counts from the answer's own date. */
    static double retryAfter(HttpResponse<String> response) {
        String given = response.headers().firstValue("retry-after").orElse("0");
        if (given.matches("\\d+")) return Double.parseDouble(given);
        String sent = response.headers().firstValue("date").orElse(given);
        return Math.max(0, Duration.between(date(sent), date(given)).toSeconds());
    }

    static ZonedDateTime date(String text) {
        return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME);
    }

    /** Returns the first member of this name. A real client has a library for JSON. */
    static String member(String name, String json) {
        var found = Pattern.compile("\"" + name + "\":\\s*\"?([^\",}]*)").matcher(json);
        return found.find() ? found.group(1) : null;
    }

    static void test(String scenario, double deadline, Object expected) throws Exception {
        // A key of its own gives each test jobs and a journal of its own. The text behind `--` names the scenario.
        String key = System.getenv("CLADO_API_KEY") + "-" + scenario + "--" + scenario;
        var client = new Client(System.getenv("CLADO_BASE_URL"), key, 5, deadline);
        Object found;
        try {
            found = new HashSet<>(client.findPeople("chemists in Graz")).size();
        } catch (JobFailed | TooLate error) {
            found = error.getClass();
        }
        // In scaled time a deadline may come early, so then no rule about the outcome is asked for.
        String outcome = found == TooLate.class ? "" : "?outcome=" + (found instanceof Integer ? "returned" : "raised");
        var call = URI.create(System.getenv("JOBMOCK_CONTROL_URL") + "/__jobmock/findings" + outcome);
        var findings = client.http.send(
            HttpRequest.newBuilder(call).header("Authorization", "Bearer " + key).build(),
            HttpResponse.BodyHandlers.ofString());
        if (!expected.equals(found) || !findings.body().contains("\"findings\":[]"))
            throw new AssertionError(scenario + ": " + found + " instead of " + expected + ", " + findings.body());
        System.out.println("ok " + scenario);
    }

    public static void main(String[] args) throws Exception {
        if (args.length == 1 && !args[0].equals("--test")) {
            var client = new Client(System.getenv("CLADO_BASE_URL"), System.getenv("CLADO_API_KEY"), 5, 3600);
            client.findPeople(args[0]).forEach(System.out::println);
            return;
        }
        var people = Map.of("two-pages", 47, "nobody", 0, "rate-limited-once", 3, "unavailable-once", 3);
        for (var one : people.entrySet()) test(one.getKey(), 3600, one.getValue());
        test("job-error", 3600, JobFailed.class);
        test("unknown-status", 3600, JobFailed.class);
        test("stuck", 60, TooLate.class);
    }
}
