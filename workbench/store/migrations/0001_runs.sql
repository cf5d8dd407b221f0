-- What was measured, where, and what came out. Times are nanoseconds of Unix time.

-- One row. Files beside the store that are older than it belong to another one.
CREATE TABLE store (
    created_ns INTEGER NOT NULL
);
INSERT INTO store (created_ns)
VALUES (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000000);

CREATE TABLE project (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    root_path TEXT NOT NULL DEFAULT '',
    created_ns INTEGER NOT NULL
);

CREATE TABLE target (
    id INTEGER PRIMARY KEY,
    project_id INTEGER NOT NULL REFERENCES project (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('image', 'container', 'dockerfile', 'compose', 'url')),
    name TEXT NOT NULL,
    spec_json TEXT NOT NULL DEFAULT '[]',
    UNIQUE (project_id, kind, name)
);

CREATE TABLE environment (
    id INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL UNIQUE,
    json TEXT NOT NULL
);

CREATE TABLE run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    target_id INTEGER NOT NULL REFERENCES target (id) ON DELETE CASCADE,
    environment_id INTEGER NOT NULL REFERENCES environment (id),
    kind TEXT NOT NULL,
    label TEXT NOT NULL DEFAULT '',
    series_id TEXT,
    pair_idx INTEGER,
    side TEXT CHECK (side IN ('before', 'after')),
    status TEXT NOT NULL CHECK (status IN ('complete', 'failed', 'interrupted')),
    started_ns INTEGER NOT NULL,
    ended_ns INTEGER,
    image_id TEXT,
    git_commit TEXT,
    git_dirty INTEGER,
    config_hash TEXT NOT NULL,
    config_json TEXT NOT NULL DEFAULT '[]',
    tool_version TEXT NOT NULL,
    load1 REAL,
    psi_json TEXT NOT NULL DEFAULT '[]',
    note TEXT NOT NULL DEFAULT '',
    pinned INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX run_by_target ON run (target_id, kind, started_ns);
CREATE INDEX run_by_start ON run (started_ns);
CREATE INDEX run_by_series ON run (series_id);

CREATE TABLE metric (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    better INTEGER NOT NULL CHECK (better IN (-1, 0, 1)),
    def_version INTEGER NOT NULL,
    value REAL,
    n INTEGER NOT NULL,
    quality TEXT NOT NULL DEFAULT '',
    UNIQUE (run_id, name)
);
CREATE INDEX metric_by_name ON metric (name, run_id);

CREATE TABLE sample (
    metric_id INTEGER NOT NULL REFERENCES metric (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    value REAL NOT NULL,
    t_offset_ns INTEGER,
    PRIMARY KEY (metric_id, seq)
) WITHOUT ROWID;

CREATE TABLE artifact (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    media_type TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL
);
CREATE INDEX artifact_by_run ON artifact (run_id);
CREATE INDEX artifact_by_content ON artifact (sha256);
