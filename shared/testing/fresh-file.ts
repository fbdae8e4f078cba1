import { reset } from "cloudflare:test";
import { beforeAll, vi } from "vitest";

// One isolate runs many files, since its start takes longer than most of them: each finds new modules, empty databases,
// the real time and its own globals.
vi.resetModules();
vi.useRealTimers();
vi.unstubAllGlobals();
beforeAll(() => reset());
