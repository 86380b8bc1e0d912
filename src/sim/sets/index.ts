/** IP sets that packets are looked up in and that the SET target changes. */
export { IpSets } from "./ip-sets.ts";
