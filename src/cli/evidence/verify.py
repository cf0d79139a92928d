#!/usr/bin/env python3
"""Checks a folder of Rollcall evidence with Python's standard library alone: python3 verify.py DIR [DIGEST]"""
import hashlib, json, os, struct, sys
FOLDER, *NOTED = sys.argv[1:] or ["."]
FAULTS, OWN, ROSTERS = [], {"manifest.json", "manifest.sha256"}, ("roster_from", "roster_to")
path = lambda name: os.path.join(FOLDER, name)
sha = lambda text: hashlib.sha256(text.encode()).hexdigest()
compact = lambda row, columns: json.dumps([row[name] for name in columns], ensure_ascii=False, separators=(",", ":"))
expect = lambda holds, where, what: holds or FAULTS.append(f"{where}: {what}")

def digest_of(name, digest):
    with open(path(name), "rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""): digest.update(piece)
    return digest.hexdigest()

def rows(name, entry):
    count, chain = 0, sha(f"{manifest['format']} {name}")
    with open(path(entry["name"]), encoding="utf-8", newline="\n") as file:
        for count, line in enumerate(file, 1):  # each ends in ,"chain":"<64 hex digits>"} and a line feed
            body = line[:-77]
            chain = sha(f"{chain}\n{body}}}")
            if not expect(line == f'{body},"chain":"{chain}"}}\n', name, f"row {count} is not the one that was written here"): return
            yield json.loads(body + "}")
    expect((count, chain) == (entry["rows"], entry["chain"]), name, f"ends after {count} rows, and {entry['rows']} were written")

def see_run(run, chain, last, listings):
    before, last[run["source_id"]], listings[run["id"]] = last.get(run["source_id"]), run, run["listing_digest"]
    text = (run["previous_digest"] or "") + "\n" + compact(run, manifest["run_digest_covers"])
    expect(sha(text) == run["digest"], "runs", f"run {run['id']} is not what its digest says")
    is_next = run["previous_digest"] == (before["digest"] if before else chain["previous_digest"])
    is_known = not before or before["id"] > (chain["runs_after"] or 0)  # else retention has removed runs between them
    expect(is_next or not is_known, "runs", f"run {run['id']} does not follow the run before it")

def see_row(row, name, sums):  # sums: how many rows, and their hashes in eight lanes of 32 bits
    row["flags"] = [flag for flag in row["flags"] if flag != "timestamp_unreadable"]
    content = hashlib.sha256(compact(row, manifest["content_hash_covers"]).encode())
    expect(content.hexdigest() == row["content_hash"], name, f"a row of {row['source']} is not what its content hash says")
    sums[:] = [total + more for total, more in zip(sums, (1, *struct.unpack("<8I", content.digest())))]

try:
    there = {entry.name + ("" if entry.is_file(follow_symlinks=False) else " (no plain file)") for entry in os.scandir(FOLDER)}
    raw, noted = [open(path(name), newline="", encoding="utf-8").read() for name in sorted(OWN & there)]
    expect(noted == f"{sha(raw)}  manifest.json\n" and "".join(NOTED).lower() in ("", sha(raw)), "manifest.json", "is not the one that was written")
    manifest, last, listings = json.loads(raw), {}, {}
    files, sources = ({one[key]: one for one in manifest[kind]} for kind, key in (("files", "name"), ("sources", "id")))
    sums = {(name, source): [0] * 9 for name in ROSTERS for source in sources}
    for name in sorted(files.keys() ^ (there - OWN)): expect(False, name, "is missing" if name in files else "does not belong to the evidence")
    for name, dataset in sorted((name, name.removesuffix(".ndjson")) for name in files.keys() & there):
        expect(digest_of(name, hashlib.sha256()) == files[name]["sha256"], name, "is not the file that was written")
        for row in rows(dataset, files[name]) if name != dataset else ():
            if dataset in ROSTERS: see_row(row, dataset, sums[dataset, row["source_id"]])
            if dataset == "runs": see_run(row, sources[row["source_id"]]["chain"], last, listings)
    for (roster, source), (count, *lanes) in sums.items():
        found, said = sha(f"{count}:{','.join(str(lane % (1 << 32)) for lane in lanes)}"), sources[source][roster]
        is_listed = said["digest"] == found == (listings.get(said["listed_by_run"]) if said["listed_by_run"] else found)
        expect(is_listed, roster, f"the roster of {sources[source]['name']} is not the one that was listed")
        expect(last.get(source, {"digest": None})["digest"] == sources[source]["chain"]["last_digest"], "runs", f"the last run of {sources[source]['name']} is missing")
except (KeyError, ValueError, TypeError, AttributeError, OSError) as error: expect(False, "evidence", f"cannot be read: {type(error).__name__}")
print("\n".join(FAULTS) or f"verified: {sha(raw)}")
sys.exit(1 if FAULTS else 0)
