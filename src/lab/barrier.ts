/**
 * Knowing when the kernel is done with a packet, without waiting. A frame of a type that nobody else uses is sent
 * behind the packet; since the queues of one processor are first in, first out, whatever the packet caused has happened when
 * the frame arrives. A second round covers what went once through the loopback device.
 */
import type { FrameSocket } from "./sockets.ts";

/** The EtherType of IEEE Std 802 local experiments. */
export const BARRIER_TYPE = 0x88b5;
const FRAME_LENGTH = 60;
const ROUNDS = 2;
const PATIENCE_MS = 5000;

/** One link between the world and the host under test. */
export interface Link {
  readonly device: string;
  readonly hostMac: Uint8Array;
  /** All that the host sends. */
  readonly world: FrameSocket;
  /** Barrier frames only. */
  readonly host: FrameSocket;
}

export interface CapturedFrame {
  readonly device: string;
  readonly frame: Uint8Array;
}

export class Barrier {
  readonly #links: readonly Link[];
  #number = 0;

  constructor(links: readonly Link[]) {
    this.#links = links;
  }

  /**
   * Waits until the kernel is done with all that was sent. @returns the frames that came out, in order of links and time.
   * Errors: an Error if a barrier frame is lost.
   */
  pass(): readonly CapturedFrame[] {
    const captured: CapturedFrame[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const number = ++this.#number;
      for (const { world, hostMac } of this.#links) world.send(barrierFrame(hostMac, number));
      for (const link of this.#links) this.#await(link.host, number, link.device, undefined);
      for (const { host, hostMac } of this.#links) host.send(barrierFrame(hostMac, number));
      for (const link of this.#links) this.#await(link.world, number, link.device, captured);
    }
    return captured;
  }

  #await(socket: FrameSocket, number: number, device: string, captured: CapturedFrame[] | undefined): void {
    for (;;) {
      const frame = socket.receive();
      if (frame === undefined) {
        if (!socket.wait(PATIENCE_MS)) throw new Error(`the link of ${device} lost a frame`);
      } else if (isBarrier(frame)) {
        if (new DataView(frame.buffer).getUint32(14) === number) return;
      } else captured?.push({ device, frame });
    }
  }
}

const isBarrier = (frame: Uint8Array): boolean => frame[12] === BARRIER_TYPE >> 8 && frame[13] === 0xb5;

export function barrierFrame(destination: Uint8Array, number: number): Uint8Array {
  const frame = new Uint8Array(FRAME_LENGTH);
  frame.set(destination);
  frame.set([2, 0, 0, 0, 0, 0xfe], 6);
  const view = new DataView(frame.buffer);
  view.setUint16(12, BARRIER_TYPE);
  view.setUint32(14, number);
  return frame;
}
