"""The tables of a snapshot's SQLite file."""

import re

SCHEMA = """
CREATE TABLE documents (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL,
    source TEXT NOT NULL, url TEXT, format TEXT NOT NULL, aliases TEXT NOT NULL,
    page_starts TEXT NOT NULL, title_in_file TEXT, language TEXT,
    file_sha256 TEXT NOT NULL, reader TEXT NOT NULL, said TEXT NOT NULL,
    sha256 TEXT NOT NULL, body_start INTEGER NOT NULL, before_body TEXT NOT NULL,
    role_facts TEXT NOT NULL, first_passage INTEGER NOT NULL, end_passage INTEGER NOT NULL
);
CREATE INDEX documents_by_text ON documents (sha256);
CREATE INDEX documents_by_file ON documents (file_sha256);
CREATE TABLE skipped (
    id TEXT PRIMARY KEY, file_sha256 TEXT NOT NULL, reader TEXT NOT NULL, said TEXT NOT NULL,
    reason TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE passages (
    position INTEGER PRIMARY KEY, document INTEGER NOT NULL REFERENCES documents,
    heading_path TEXT NOT NULL, start_offset INTEGER NOT NULL, end_offset INTEGER NOT NULL,
    first_sentence INTEGER NOT NULL, end_sentence INTEGER NOT NULL,
    key BLOB NOT NULL, text TEXT NOT NULL, terms TEXT NOT NULL
);
CREATE INDEX passages_by_key ON passages (key);
CREATE TABLE sentences (
    position INTEGER PRIMARY KEY, kind TEXT NOT NULL, heading INTEGER NOT NULL REFERENCES headings,
    heading_path TEXT NOT NULL, start_offset INTEGER NOT NULL, end_offset INTEGER NOT NULL,
    lead_start INTEGER, lead_end INTEGER,
    plain TEXT NOT NULL, terms TEXT NOT NULL, words TEXT NOT NULL
);
CREATE TABLE headings (position INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE words (
    first TEXT NOT NULL, length INTEGER NOT NULL, word TEXT NOT NULL,
    PRIMARY KEY (first, length, word)
) WITHOUT ROWID;
CREATE TABLE roles (
    position INTEGER PRIMARY KEY, name TEXT NOT NULL, aliases TEXT NOT NULL,
    has_guide INTEGER NOT NULL
);
CREATE TABLE role_spans (
    role INTEGER NOT NULL REFERENCES roles, document INTEGER NOT NULL REFERENCES documents,
    start_offset INTEGER NOT NULL, end_offset INTEGER NOT NULL,
    PRIMARY KEY (document, role, start_offset, end_offset)
) WITHOUT ROWID;
CREATE TABLE role_passages (
    role INTEGER NOT NULL REFERENCES roles, passage INTEGER NOT NULL REFERENCES passages,
    PRIMARY KEY (role, passage)
) WITHOUT ROWID;
"""
"""What each text column is for beside the text itself: `plain` is the sentence without markup,
`terms` its stems and `words` its words in the singular, so that a question needn't work them out.
`key` is a hash of what a passage's vectors depend on. `sha256` is of a document's text;
`file_sha256`, `reader` and `said` are what the document was made of."""

TABLES = tuple(re.findall(r"CREATE TABLE (\w+)", SCHEMA))
