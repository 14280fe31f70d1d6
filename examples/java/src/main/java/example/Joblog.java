package example;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.f4b6a3.uuid.UuidCreator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Submits jobs by joblog's contract (docs/contract.md), with Kafka's client and Avro. */
public final class Joblog implements AutoCloseable {
  private static final Schema SUBMITTED = event("JobSubmitted");
  private static final Schema ANNOUNCED = event("SchemaAnnounced");
  private static final byte[] NO_SCHEMA = new byte[8];

  private final KafkaProducer<String, byte[]> producer;
  private final String namespace;

  public Joblog(String bootstrapServers, String namespace) {
    this.namespace = namespace;
    // Without a partitioner of ours, a record with a key goes where murmur2 says.
    Map<String, Object> settings =
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
            ProducerConfig.ACKS_CONFIG, "all",
            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
  }

  /** Returns a job whose payload is Avro; set further fields of JobSubmitted as you like. */
  public static GenericRecordBuilder job(String type, GenericRecord payload) {
    return job(type, encoded(payload), fingerprint(payload.getSchema()));
  }

  /** Returns a job whose payload is a JSON document. */
  public static GenericRecordBuilder job(String type, String payload) {
    return job(type, payload.getBytes(UTF_8), NO_SCHEMA).set("payload_content_type", "application/json");
  }

  private static GenericRecordBuilder job(String type, byte[] payload, byte[] schema) {
    return new GenericRecordBuilder(SUBMITTED)
        .set("type", type)
        .set("payload", ByteBuffer.wrap(payload))
        .set("payload_schema", fixed(SUBMITTED, "payload_schema", schema));
  }

  /** Announces the schema of payloads, before their first use; again and again does no harm. */
  public void announce(Schema schema) throws ExecutionException, InterruptedException {
    var fingerprint = fingerprint(schema);
    var key = HexFormat.of().formatHex(fingerprint);
    var event =
        new GenericRecordBuilder(ANNOUNCED)
            .set("event_id", "schema-" + key)
            .set("time", System.currentTimeMillis())
            .set("fingerprint", fixed(ANNOUNCED, "fingerprint", fingerprint))
            .set("name", schema.getFullName())
            .set("definition", schema.toString());
    send("schemas", key, event.build());
  }

  /** Submits a job and returns its id once all in-sync replicas have it. */
  public String submit(GenericRecordBuilder job) throws ExecutionException, InterruptedException {
    var event =
        job.set("event_id", UuidCreator.getTimeOrderedEpoch().toString()) // a UUIDv7
            .set("job_id", UuidCreator.getTimeOrderedEpoch().toString())
            .set("time", System.currentTimeMillis())
            .build();
    if (event.get("idempotency_key") != null) {
      event.put("job_id", "%s/%s/%s".formatted(event.get("tenant"), event.get("type"), event.get("idempotency_key")));
    }
    var jobId = event.get("job_id").toString();
    send("events", jobId, event);
    return jobId;
  }

  @Override
  public void close() {
    producer.close();
  }

  private void send(String topic, String key, GenericRecord event) throws ExecutionException, InterruptedException {
    var record = new ProducerRecord<>(namespace + "." + topic, key, framed(event));
    headersOf(event).forEach((name, value) -> record.headers().add(name, value.getBytes(UTF_8)));
    producer.send(record).get();
  }

  /** Returns the CloudEvents headers of an event; they decide nothing. */
  private static Map<String, String> headersOf(GenericRecord event) {
    return Map.of(
        "ce_id", event.get("event_id").toString(),
        "ce_type", event.getSchema().getFullName(),
        "ce_source", "/shop",
        "ce_specversion", "1.0",
        "ce_time", Instant.ofEpochMilli((Long) event.get("time")).toString(),
        "content-type", "application/avro");
  }

  /** Returns an event in Avro single-object encoding. */
  private static byte[] framed(GenericRecord event) {
    try {
      var encoder = new BinaryMessageEncoder<GenericRecord>(GenericData.get(), event.getSchema());
      return bytes(encoder.encode(event));
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  /** Returns an Avro body without a header. */
  private static byte[] encoded(GenericRecord payload) {
    var body = new ByteArrayOutputStream();
    var encoder = EncoderFactory.get().directBinaryEncoder(body, null);
    try {
      new GenericDatumWriter<GenericRecord>(payload.getSchema()).write(payload, encoder);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
    return body.toByteArray();
  }

  private static byte[] fingerprint(Schema schema) {
    try {
      return SchemaNormalization.parsingFingerprint("CRC-64-AVRO", schema); // little-endian
    } catch (java.security.NoSuchAlgorithmException error) {
      throw new IllegalStateException(error);
    }
  }

  private static GenericData.Fixed fixed(Schema event, String field, byte[] value) {
    return new GenericData.Fixed(event.getField(field).schema(), value);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    var bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static Schema event(String name) {
    try (var published = Joblog.class.getResourceAsStream("/" + name + "/v1.avsc")) {
      return new Schema.Parser().parse(published);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }
}
