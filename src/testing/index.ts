export {
  createFakeLine,
  type FakeLine,
  type FakeLineOptions,
  type PushedEvent,
  type RoomStates,
  type SentBy,
} from './fake-line'
