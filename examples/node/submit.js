// Submits three jobs and prints their ids: one in Avro, one in JSON, one with an idempotency key.

import { Joblog } from "./joblog.js";

const MAIL = {
  type: "record",
  name: "Mail",
  fields: [
    { name: "to", type: "string" },
    { name: "subject", type: "string" },
  ],
};

const joblog = new Joblog({
  brokers: (process.env.BOOTSTRAP_SERVERS ?? "127.0.0.1:9092").split(","),
  namespace: process.env.NAMESPACE,
});
await joblog.connect();
try {
  const payloadType = await joblog.announce(MAIL);
  const welcome = { to: "ada@example.org", subject: "Grüße in Avro" };
  console.log(await joblog.submit("mail.send", welcome, { payloadType, priority: 7 }));

  const receipt = { to: "ada@example.org", subject: "Grüße in JSON" };
  console.log(await joblog.submit("mail.send", receipt));

  const reminder = { to: "ada@example.org", subject: "once" };
  const idempotencyKey = "reminder-1042"; // however often this program runs, it is one job
  console.log(await joblog.submit("mail.send", reminder, { payloadType, idempotencyKey }));
} finally {
  await joblog.disconnect();
}
