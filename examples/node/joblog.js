// Submits jobs by joblog's contract (docs/contract.md), with a Kafka client and an Avro library.

import { readFileSync } from "node:fs";
import avro from "avsc";
import { Kafka, Partitioners } from "kafkajs";
import { v7 as uuidv7 } from "uuid";
import { fingerprint } from "./fingerprint.js";

const SCHEMAS = new URL("../../schemas/avro/events/", import.meta.url); // copy the two into your program
const SUBMITTED = eventType("JobSubmitted");
const ANNOUNCED = eventType("SchemaAnnounced");
const NO_SCHEMA = Buffer.alloc(8);

export class Joblog {
  #producer;
  #namespace;

  constructor({ brokers, namespace = "joblog" }) {
    this.#namespace = namespace;
    this.#producer = new Kafka({ clientId: "shop", brokers }).producer({
      idempotent: true,
      allowAutoTopicCreation: false, // joblog topics create gives them their partitions
      maxInFlightRequests: 1,
      createPartitioner: Partitioners.DefaultPartitioner, // murmur2, as Kafka's Java client
    });
  }

  async connect() {
    await this.#producer.connect();
  }

  async disconnect() {
    await this.#producer.disconnect();
  }

  /** Announces the schema of payloads, before their first use; again and again does no harm. */
  async announce(schema) {
    const type = avro.Type.forSchema(schema);
    const key = fingerprint(type).toString("hex");
    const event = {
      event_id: `schema-${key}`,
      time: Date.now(),
      fingerprint: fingerprint(type),
      name: type.name,
      definition: JSON.stringify(schema),
    };
    await this.#send("schemas", key, ANNOUNCED, event);
    return type;
  }

  /**
   * Submits a job; resolves to its id once all in-sync replicas have it.
   *
   * `payload` is written with `payloadType`, which `announce` has returned, or as JSON without one. `options` are
   * further fields of JobSubmitted, such as `queue` or `priority`.
   */
  async submit(type, payload, { payloadType, idempotencyKey, ...options } = {}) {
    const tenant = options.tenant ?? "default";
    const jobId = idempotencyKey === undefined ? uuidv7() : `${tenant}/${type}/${idempotencyKey}`;
    const event = {
      event_id: uuidv7(),
      job_id: jobId,
      time: Date.now(),
      type,
      idempotency_key: idempotencyKey,
      ...(payloadType === undefined ? inJson(payload) : inAvro(payload, payloadType)),
      ...options,
    };
    await this.#send("events", jobId, SUBMITTED, event);
    return jobId;
  }

  async #send(topic, key, type, event) {
    await this.#producer.send({
      topic: `${this.#namespace}.${topic}`,
      acks: -1, // all in-sync replicas
      messages: [{ key, value: framed(type, event), headers: headersOf(type, event) }],
    });
  }
}

function inAvro(payload, type) {
  return { payload: type.toBuffer(payload), payload_schema: fingerprint(type) };
}

function inJson(payload) {
  return {
    payload: Buffer.from(JSON.stringify(payload)),
    payload_schema: NO_SCHEMA,
    payload_content_type: "application/json",
  };
}

/** Returns an event in Avro single-object encoding. */
function framed(type, event) {
  return Buffer.concat([Buffer.from([0xc3, 0x01]), fingerprint(type), type.toBuffer(event)]);
}

/** Returns the CloudEvents headers of an event; they decide nothing. */
function headersOf(type, event) {
  return {
    ce_id: event.event_id,
    ce_type: type.name,
    ce_source: "/shop",
    ce_specversion: "1.0",
    ce_time: new Date(event.time).toISOString(),
    "content-type": "application/avro",
  };
}

function eventType(name) {
  return avro.Type.forSchema(JSON.parse(readFileSync(new URL(`${name}/v1.avsc`, SCHEMAS))));
}
