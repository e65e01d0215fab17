"""The names of a snapshot's files."""

STORE_NAME = "knowledge.sqlite"
DENSE_NAME = "passages.faiss"
PASSAGE_VECTORS_NAME = "passages.npy"
SENTENCE_VECTORS_NAME = "sentences.npy"
HEADING_VECTORS_NAME = "headings.npy"
REFERENCE_VECTORS_NAME = "references.npy"
LEXICAL_NAME = "lexical"
