/** The host's settings, with the defaults of a new network namespace and the rules by which "all" and a device combine. */

export class Sysctls {
  readonly #values: ReadonlyMap<string, number>;
  readonly #asked = {
    ipv4: new Map<string, Map<string, number | undefined>>(),
    ipv6: new Map<string, Map<string, number | undefined>>(),
  };

  /** Keys with dots or slashes; values that are no numbers are left out. */
  constructor(settings: Readonly<Record<string, string | number>>) {
    const values = new Map<string, number>();
    for (const [key, value] of Object.entries(settings)) {
      const number = Number(value);
      if (Number.isFinite(number)) values.set(key.replaceAll("/", "."), number);
    }
    this.#values = values;
  }

  get(key: string): number | undefined {
    return this.#values.get(key);
  }

  number(key: string, usual: number): number {
    return this.#values.get(key) ?? usual;
  }

  /** `net.<family>.conf.<device>.<name>` of one device, falling back to "default" and `usual`. */
  device(family: "ipv4" | "ipv6", device: string, name: string, usual: number): number {
    return this.#conf(family, device, name) ?? this.#conf(family, "default", name) ?? usual;
  }

  all(family: "ipv4" | "ipv6", name: string, usual: number): number {
    return this.#conf(family, "all", name) ?? usual;
  }

  /** Asked several times for each packet, so that the keys are put together once. */
  #conf(family: "ipv4" | "ipv6", device: string, name: string): number | undefined {
    let names = this.#asked[family].get(device);
    if (names === undefined) {
      names = new Map();
      this.#asked[family].set(device, names);
    }
    const known = names.get(name);
    if (known !== undefined || names.has(name)) return known;
    const value = this.#values.get(`net.${family}.conf.${device}.${name}`);
    names.set(name, value);
    return value;
  }

  /** On if set for the device or for all; IN_DEV_ORCONF(). */
  either(device: string, name: string, usual: number): boolean {
    return this.all("ipv4", name, usual) !== 0 || this.device("ipv4", device, name, usual) !== 0;
  }

  /** On if set for the device and for all; IN_DEV_ANDCONF(). */
  both(device: string, name: string, usualOfAll: number, usualOfDevice: number): boolean {
    return this.all("ipv4", name, usualOfAll) !== 0 && this.device("ipv4", device, name, usualOfDevice) !== 0;
  }

  /** The larger of the device's and that of all; IN_DEV_MAXCONF(). */
  larger(device: string, name: string, usual: number): number {
    return Math.max(this.all("ipv4", name, usual), this.device("ipv4", device, name, usual));
  }

  /** Whether the host is a router on the device: what it answers to there, not whether it forwards. */
  routesIpv6(device: string): boolean {
    return this.device("ipv6", device, "forwarding", this.all("ipv6", "forwarding", 0)) !== 0;
  }

  forwards(family: "ipv4" | "ipv6", device: string): boolean {
    const all =
      family === "ipv4"
        ? (this.get("net.ipv4.ip_forward") ?? this.all("ipv4", "forwarding", 0))
        : this.all("ipv6", "forwarding", 0);
    if (family === "ipv6") return all !== 0;
    return (this.#conf("ipv4", device, "forwarding") ?? all) !== 0;
  }
}
