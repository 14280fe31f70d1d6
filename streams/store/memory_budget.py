"""The memory that the local databases of one process share, and how they use it."""

from typing import Final

from rocksdict import (
    BlockBasedIndexType,
    BlockBasedOptions,
    Cache,
    DBCompressionType,
    Options,
    WriteBufferManager,
)

MIB: Final = 1024 * 1024
BLOOM_BITS_PER_KEY: Final = 10
"""A missing key costs a disk read in one of a hundred lookups."""


class MemoryBudget:
    """Block cache and write buffers of all partitions together; give each database the same one.

    RocksDB's defaults would be 192 MiB of write buffers and 32 MiB of cache for each partition, and
    filters outside of any limit.

    Args:
        cache_bytes: cache of blocks, indexes and filters, write buffers included. Defaults to 64 MiB.
        write_buffer_bytes: write buffers of all partitions; at this size they go to disk. Defaults to
            32 MiB.
        partition_buffer_bytes: write buffer of one partition. Defaults to 8 MiB.
    """

    def __init__(
        self,
        cache_bytes: int = 64 * MIB,
        write_buffer_bytes: int = 32 * MIB,
        partition_buffer_bytes: int = 8 * MIB,
    ) -> None:
        self._partition_buffer_bytes = partition_buffer_bytes
        self._cache = Cache(cache_bytes)
        self._buffers = WriteBufferManager.new_write_buffer_manager_with_cache(
            write_buffer_bytes, allow_stall=False, cache=self._cache
        )

    def options(self) -> Options:
        """Return the options of a database that shares this memory."""
        options = Options(raw_mode=True)
        options.create_if_missing(create_if_missing=True)
        options.set_write_buffer_manager(self._buffers)
        options.set_write_buffer_size(self._partition_buffer_bytes)
        options.set_max_write_buffer_number(3)
        options.set_compression_type(DBCompressionType.lz4())
        options.set_block_based_table_factory(self._table_options())
        options.set_keep_log_file_num(2)
        options.set_stats_dump_period_sec(0)
        return options

    def _table_options(self) -> BlockBasedOptions:
        table = BlockBasedOptions()
        table.set_block_cache(self._cache)
        table.set_bloom_filter(BLOOM_BITS_PER_KEY, block_based=False)
        # Whole filters of large files would not fit in a shard of the cache: 0.5 ms for each get.
        table.set_index_type(BlockBasedIndexType.two_level_index_search())
        table.set_partition_filters(size=True)
        table.set_cache_index_and_filter_blocks(v=True)
        table.set_pin_top_level_index_and_filter(v=True)
        return table
