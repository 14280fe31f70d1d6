"""What an older version of a schema says of the newest one's fields."""

from joblog.schemas.avro_schema import AvroSchema


def absent_fields(older: AvroSchema, newest: AvroSchema) -> tuple[str, ...] | None:
    """Return the fields that only the newest version has, all of them null by default.

    None where the versions differ in anything else: then only schema resolution can read one as the other.
    """
    known = {field["name"]: field for field in older.definition.get("fields", ())}
    wanted = {field["name"]: field for field in newest.definition["fields"]}
    if any(wanted.get(name) != field for name, field in known.items()):
        return None
    absent = tuple(name for name in wanted if name not in known)
    has_others = any(wanted[name].get("default", name) is not None for name in absent)
    return None if has_others else absent
