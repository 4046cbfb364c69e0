"""Search over documents: the write path of its indexes, the read path, and the life of embedding spaces."""
