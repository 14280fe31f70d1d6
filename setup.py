"""Finds the packages, which lie in folders beside src, so that no list of them can go stale."""

from setuptools import find_packages, setup

FOLDERS = ("schemas", "lifecycle", "streams", "processors")
found = find_packages(include=[pattern for name in FOLDERS for pattern in (name, f"{name}.*")])

setup(
    packages=sorted({*find_packages("src"), *(f"joblog.{name}" for name in found)}),
    package_dir={"joblog": "src/joblog"} | {f"joblog.{name}": name for name in FOLDERS},
)
