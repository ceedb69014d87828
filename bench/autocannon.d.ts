/** What the benches use of autocannon, which brings no types. */
declare module 'autocannon' {
  export interface AutocannonResult {
    readonly requests: { readonly average: number; readonly total: number };
    readonly latency: { readonly p50: number; readonly p99: number; readonly max: number };
    readonly errors: number;
    readonly non2xx: number;
    readonly duration: number;
  }

  export interface AutocannonOptions {
    readonly url: string;
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | Uint8Array;
    readonly connections: number;
    /** Seconds. */
    readonly duration?: number;
    /** Requests, instead of a duration. */
    readonly amount?: number;
    /** Worker threads, so that the generator does not share the bench's thread. */
    readonly workers?: number;
  }

  export default function autocannon(options: AutocannonOptions): Promise<AutocannonResult>;
}
