#!/usr/bin/env python3
"""Checks a folder of Rollcall evidence with Python's standard library alone: python3 verify.py DIR [DIGEST]"""
import hashlib, json, os, struct, sys

DIR = sys.argv[1] if len(sys.argv) > 1 else "."
FAULTS = []
sha = lambda data: hashlib.sha256(data if isinstance(data, bytes) else data.encode()).hexdigest()
text = lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"))

fault = lambda where, what: FAULTS.append(f"{where}: {what}")

def file_digest(name):
    digest = hashlib.sha256()
    with open(os.path.join(DIR, name), "rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            digest.update(piece)
    return digest.hexdigest()

def rows(manifest, name):
    entry = next(file for file in manifest["files"] if file["name"] == f"{name}.ndjson")
    chain, count = sha(f"{manifest['format']} {name}"), 0
    with open(os.path.join(DIR, f"{name}.ndjson"), encoding="utf-8", newline="\n") as file:
        for line in file:
            count += 1  # a line ends in ,"chain":"<64 hex digits>"} and a line feed
            body, said = line[:-77] + "}", line[-67:-3]
            chain = sha(f"{chain}\n{body}")
            if chain != said:
                return fault(name, f"row {count} is not the one that was written here")
            yield json.loads(body)
    if (count, chain) != (entry["rows"], entry["chain"]):
        fault(name, f"ends after {count} rows, and {entry['rows']} were written")

def check_runs(manifest):
    last, chains, listings = {}, {source["id"]: source["chain"] for source in manifest["sources"]}, {}
    for run in rows(manifest, "runs"):
        source, before = run["source_id"], last.get(run["source_id"])
        if sha((run["previous_digest"] or "") + "\n" + text([run[name] for name in manifest["run_digest_covers"]])) != run["digest"]:
            fault("runs", f"run {run['id']} is not what its digest says")
        follows = before["digest"] if before else chains[source]["previous_digest"]
        if run["previous_digest"] != follows and (not before or before["id"] > (chains[source]["runs_after"] or 0)):
            fault("runs", f"run {run['id']} does not follow the run before it")
        last[source], listings[run["id"]] = run, run["listing_digest"]
    for source, chain in chains.items():
        if (last[source]["digest"] if source in last else None) != chain["last_digest"]:
            fault("runs", f"the last run of source {source} is missing")
    return listings

def check_roster(manifest, name, listings):
    sums = {source["id"]: [0, [0] * 8] for source in manifest["sources"]}
    for row in rows(manifest, name):
        row["flags"] = [flag for flag in row["flags"] if flag != "timestamp_unreadable"]
        if sha(text([row[column] for column in manifest["content_hash_covers"]])) != row["content_hash"]:
            fault(name, f"a row of {row['source']} is not what its content hash says")
        total = sums[row["source_id"]]
        lanes = struct.unpack("<8I", bytes.fromhex(row["content_hash"]))
        sums[row["source_id"]] = [total[0] + 1, [(a + b) % (1 << 32) for a, b in zip(total[1], lanes)]]
    for source in manifest["sources"]:
        count, lanes = sums[source["id"]]
        digest, said = sha(f"{count}:{','.join(map(str, lanes))}"), source[name]
        if digest != said["digest"] or (said["listed_by_run"] and listings.get(said["listed_by_run"]) != digest):
            fault(name, f"the roster of {source['name']} is not the one that was listed")

with open(os.path.join(DIR, "manifest.json"), "rb") as file:
    raw = file.read()
with open(os.path.join(DIR, "manifest.sha256"), "rb") as file:
    if file.read() != f"{sha(raw)}  manifest.json\n".encode() or sha(raw) != (sys.argv[2:] or [sha(raw)])[0]:
        fault("manifest.json", "is not the one that was written")
try:
    manifest = json.loads(raw)
    known = {file["name"] for file in manifest["files"]} | {"manifest.json", "manifest.sha256"}
    for name in sorted(known ^ set(os.listdir(DIR))):
        fault(name, "is missing" if name in known else "does not belong to the evidence")
    for file in manifest["files"]:
        if file_digest(file["name"]) != file["sha256"]:
            fault(file["name"], "is not the file that was written")
    for file in manifest["files"]:
        if file["name"].endswith(".ndjson") and file["name"][:-7] not in ("runs", "roster_from", "roster_to"):
            for row in rows(manifest, file["name"][:-7]):
                pass
    listings = check_runs(manifest)
    for name in ("roster_from", "roster_to"):
        check_roster(manifest, name, listings)
except (KeyError, ValueError, TypeError, OSError, StopIteration) as error:
    fault("evidence", f"cannot be read: {type(error).__name__}")
print("\n".join(FAULTS) if FAULTS else f"verified: {sha(raw)}")
sys.exit(1 if FAULTS else 0)
