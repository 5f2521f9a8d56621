import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Sends one GET to each URL with a key, and prints the status of each answer, or the error. */
class HostWrittenIn {
    public static void main(String[] arguments) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        for (String url : arguments) {
            HttpRequest request =
                HttpRequest.newBuilder(URI.create(url)).header("Authorization", "Bearer lk_java").build();
            try {
                System.out.println(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode());
            } catch (java.io.IOException error) {
                System.out.println(error.getMessage());
            }
        }
    }
}
