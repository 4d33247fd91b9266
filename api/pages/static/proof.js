// Checks in this browser that the log's signed head covers the event shown here:
// RFC 9162 section 2.1.3.2, C2SP tlog-proof, tlog-checkpoint and signed-note.

const ED25519 = 1; // C2SP signed-note, "Signature types"
const KEPT = "signet log key";

const bytes = (text) => new TextEncoder().encode(text);
const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const joined = (...parts) => new Uint8Array(parts.flatMap((part) => [...part]));
const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
const same = (one, other) => one.length === other.length && one.every((byte, i) => byte === other[i]);
const sha256 = async (...parts) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));

function require(condition, message) {
  if (!condition) throw new Error(message);
}

function parseProof(text) {
  const gap = text.indexOf("\n\n");
  const [header, place, ...hashes] = text.slice(0, gap).split("\n");
  require(header === "c2sp.org/tlog-proof@v1" && /^index \d+$/.test(place), "the proof is malformed");
  return { index: BigInt(place.slice(6)), hashes: hashes.map(fromBase64), note: text.slice(gap + 2) };
}

function parseKey(text) {
  const [, name, , key] = text.match(/^([^+]+)\+([^+]+)\+(.+)$/);
  return { name, bytes: fromBase64(key) };
}

async function openNote(note, key) {
  const end = note.lastIndexOf("\n\n");
  const text = note.slice(0, end + 1);
  const [origin, size, root] = text.split("\n");
  require(origin === key.name, "the signed head is another log's");
  require(key.bytes[0] === ED25519, "the log's key is of an unknown kind");
  const id = (await sha256(bytes(`${key.name}\n`), key.bytes)).slice(0, 4);
  const known = await crypto.subtle.importKey("raw", key.bytes.slice(1), "Ed25519", false, ["verify"]);
  for (const line of note.slice(end + 2).split("\n")) {
    const [, name, encoded] = line.match(/^— (\S+) (\S+)$/) ?? [];
    const signature = encoded ? fromBase64(encoded) : new Uint8Array();
    if (name !== key.name || !same(signature.slice(0, 4), id)) continue;
    const good = await crypto.subtle.verify("Ed25519", known, signature.slice(4), bytes(text));
    require(good, "the signature of the head is false");
    return { size: BigInt(size), root: fromBase64(root) };
  }
  throw new Error("the head is not signed by the log");
}

async function rootFrom(entry, index, size, hashes) {
  require(index < size, "the event's place is beyond the signed head");
  let node = index;
  let last = size - 1n;
  let hash = await sha256([0], entry);
  for (const sibling of hashes) {
    require(last > 0n, "the proof is too long");
    if (node & 1n || node === last) {
      hash = await sha256([1], sibling, hash);
      while (!(node & 1n) && node !== 0n) [node, last] = [node >> 1n, last >> 1n];
    } else {
      hash = await sha256([1], hash, sibling);
    }
    [node, last] = [node >> 1n, last >> 1n];
  }
  require(last === 0n, "the proof is too short");
  return hash;
}

/** The key seen first, so that a log that is swapped for another later is noticed. */
function firstKey(key) {
  const kept = localStorage.getItem(KEPT);
  require(!kept || kept === key, `the log's key is not the one this browser saw first, ${kept}`);
  localStorage.setItem(KEPT, key);
  return parseKey(key);
}

async function get(path) {
  const answer = await fetch(path);
  require(answer.ok, `${path} is not to be had (${answer.status})`);
  return answer;
}

/** The commitment of an entry: HMAC-SHA-256 of the personal part's canonical JSON, keyed with the salt. */
async function checkPersonal(committed) {
  const part = document.getElementById("personal");
  if (!part) return;
  const salt = fromHex(document.getElementById("salt").textContent);
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", salt, hmac, false, ["verify"]);
  const good = await crypto.subtle.verify("HMAC", key, fromHex(committed), bytes(part.textContent));
  require(good, "who acted, or what was typed, is not what was logged");
}

async function check(place) {
  const answer = await get(place.dataset.key);
  const key = firstKey((await answer.json()).verifier_key);
  const proof = parseProof(await (await get(place.dataset.proof)).text());
  const head = await openNote(proof.note, key);
  const entry = document.getElementById("entry").textContent;
  const logged = JSON.parse(entry);
  require(String(logged.id) === place.dataset.event, "this is another event's entry");
  const root = await rootFrom(bytes(entry), proof.index, head.size, proof.hashes);
  require(same(root, head.root), "the event below is not what was logged");
  await checkPersonal(logged.personal);
  return `Its proof checks in this browser: entry ${proof.index} of ${head.size}, signed by ${key.name}.`;
}

const place = document.getElementById("proof");
if (place && !globalThis.crypto?.subtle) {
  place.textContent = "This browser checks proofs only over HTTPS or on the same machine.";
} else if (place) {
  try {
    place.textContent = await check(place);
    place.classList.add("good");
  } catch (error) {
    place.textContent = `Its proof does not check: ${error.message}.`;
    place.classList.add("bad");
  }
}
