package example;

import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;

/** Submits three jobs and prints their ids: one in Avro, one in JSON, one with an idempotency key. */
public final class SubmitJobs {
  private static final Schema MAIL =
      SchemaBuilder.record("Mail").fields().requiredString("to").requiredString("subject").endRecord();

  public static void main(String[] arguments) throws Exception {
    var servers = System.getenv().getOrDefault("BOOTSTRAP_SERVERS", "127.0.0.1:9092");
    var namespace = System.getenv().getOrDefault("NAMESPACE", "joblog");
    try (var joblog = new Joblog(servers, namespace)) {
      joblog.announce(MAIL);
      var welcome = Joblog.job("mail.send", mail("Grüße in Avro")).set("priority", 7);
      System.out.println(joblog.submit(welcome));

      var receipt = "{\"to\": \"ada@example.org\", \"subject\": \"Grüße in JSON\"}";
      System.out.println(joblog.submit(Joblog.job("mail.send", receipt)));

      var invoice = Joblog.job("mail.send", mail("once"));
      invoice.set("idempotency_key", "invoice-7"); // however often this runs, it is one job
      System.out.println(joblog.submit(invoice));
    }
  }

  private static GenericRecord mail(String subject) {
    return new GenericRecordBuilder(MAIL).set("to", "ada@example.org").set("subject", subject).build();
  }
}
