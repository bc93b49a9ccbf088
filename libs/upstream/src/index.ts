export { balancer, type Members, type Pick, type Position } from './balance.ts';
export {
  active,
  clearWorker,
  createLive,
  enter,
  type Live,
  leave,
  liveCapacity,
  openLive,
  unlimitedSlot,
} from './live.ts';
export { type EarlierSlots, type HeldSlots, SlotBook, type TableSlots } from './slots.ts';
