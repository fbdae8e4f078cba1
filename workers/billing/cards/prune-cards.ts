import { pruning } from "../../../shared/messaging/prune.ts";

/** Cards whose time has come are forgotten: those that are rejected or removed, and no other has one. */
export const pruneCards = pruning("cards", "card_id", "prunable_at", 0);
