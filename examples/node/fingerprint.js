// CRC-64-AVRO, which avsc does not have. Source: Apache Avro specification, "Schema Fingerprints".

const EMPTY = 0xc15d213aa4d7a795n;

const TABLE = Array.from({ length: 256 }, (_, byte) => {
  let crc = BigInt(byte);
  for (let bit = 0; bit < 8; bit += 1) crc = (crc >> 1n) ^ (crc & 1n ? EMPTY : 0n);
  return crc;
});

/** Returns the fingerprint of an Avro type: 8 bytes, little-endian. */
export function fingerprint(type) {
  const canonicalForm = Buffer.from(JSON.stringify(type.schema()));
  const crc = canonicalForm.reduce(
    (crc, byte) => (crc >> 8n) ^ TABLE[Number((crc ^ BigInt(byte)) & 0xffn)],
    EMPTY,
  );
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(crc);
  return bytes;
}
