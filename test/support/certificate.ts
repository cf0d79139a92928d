import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** As `https.createServer` takes them. */
export type Certificate = { readonly cert: string; readonly key: string };
export type Authority = Certificate & {
  /** A certificate of this authority for one host name or IPv4 address. */
  issue(host: string, until?: Date): Certificate;
};

const DAY_MS = 24 * 3_600_000;
const CLOCK_SKEW_MS = 3_600_000;

/** A certificate authority that lives as long as the test: X.509 written out by hand, so that no tool has to be there. */
export function createAuthority(): Authority {
  const root: Party = { name: 'Rollcall test authority', ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
  const tomorrow = new Date(Date.now() + DAY_MS);
  const issue = (host: string, until = tomorrow): Certificate => {
    const party: Party = { name: host, ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
    return toPem(party, certify({ subject: party, issuer: root, until, extension: alternativeName(host) }));
  };
  return { ...toPem(root, certify({ subject: root, issuer: root, until: tomorrow, extension: AUTHORITY })), issue };
}

type Party = { readonly name: string; readonly publicKey: KeyObject; readonly privateKey: KeyObject };
type Request = {
  readonly subject: Party;
  readonly issuer: Party;
  readonly until: Date;
  readonly extension: Buffer;
};

function certify({ subject, issuer, until, extension }: Request): Buffer {
  const from = new Date(until.getTime() - 2 * DAY_MS - CLOCK_SKEW_MS);
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_SHA256,
    nameOf(issuer),
    der(0x30, timeOf(from), timeOf(until)),
    nameOf(subject),
    subject.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, extension)),
  );
  const signature = sign('sha256', body, issuer.privateKey);
  return der(0x30, body, ECDSA_SHA256, der(0x03, Buffer.from([0]), signature));
}

function toPem(party: Party, certificate: Buffer): Certificate {
  const lines = certificate.toString('base64').replaceAll(/.{64}/g, '$&\n');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: party.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** Tag, length, value: all there is to DER. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const { length } = value;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), value]);
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function nameOf({ name }: Party): Buffer {
  return der(0x30, der(0x31, der(0x30, oid('550403'), der(0x0c, Buffer.from(name)))));
}

function timeOf(date: Date): Buffer {
  const digits = date.toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return der(0x18, Buffer.from(digits));
}

function alternativeName(host: string): Buffer {
  const entry = isIPv4(host) ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host));
  return der(0x30, oid('551d11'), der(0x04, der(0x30, entry)));
}

const ECDSA_SHA256 = der(0x30, oid('2a8648ce3d040302'));
/** basicConstraints, critical: this is an authority. */
const AUTHORITY = der(
  0x30,
  oid('551d13'),
  der(0x01, Buffer.from([0xff])),
  der(0x04, der(0x30, der(0x01, Buffer.from([0xff])))),
);
