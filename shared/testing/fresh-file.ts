import { reset } from "cloudflare:test";
import { beforeAll, vi } from "vitest";

// One isolate runs many files, since its start takes longer than most of them: each finds new modules, empty databases
// and the real time.
vi.resetModules();
vi.useRealTimers();
beforeAll(() => reset());
