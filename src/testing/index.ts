export {
  createFakeLine,
  type FakeLine,
  type FakeLineOptions,
  type PushedEvent,
  type RoomStates,
} from './fake-line'
