"""Functions made for one record schema or model each: several times as fast as fastavro and pydantic.

They know the plain case only. What they cannot do (a type, a value, bytes that are no such record, a broken rule)
is fastavro's and pydantic's: they do it, or say what is wrong. So the results are theirs, or none.
"""

from joblog.schemas.compiled.builder import CANNOT_BUILD, Build, compile_builder
from joblog.schemas.compiled.reader import CANNOT_READ, Read, compile_reader
from joblog.schemas.compiled.writer import ATTRIBUTE, CANNOT_WRITE, Write, compile_writer

__all__ = [
    "ATTRIBUTE",
    "CANNOT_BUILD",
    "CANNOT_READ",
    "CANNOT_WRITE",
    "Build",
    "Read",
    "Write",
    "compile_builder",
    "compile_reader",
    "compile_writer",
]
