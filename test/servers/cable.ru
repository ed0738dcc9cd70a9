# Action Cable without Rails, on puma; and beside it a plain WebSocket per room, which broadcasts { type, payload }.

require 'action_cable'
require 'json'
require 'set'

# What a test sets on this server, and what the server has seen: as in desk.py.
class Desk
  attr_accessor :version, :tokens, :refuses, :denied, :keepalive, :keepalives, :handshakes, :issued, :asked, :messages

  def initialize = reset

  def reset
    @version = 'v1'
    @tokens = nil
    @refuses = 'after'
    @denied = []
    @keepalive = nil
    @keepalives = 0
    @handshakes = []
    @issued = 0
    @asked = []
    @messages = []
  end

  def set(settings) = settings.each { |name, value| public_send("#{name}=", value) }

  def user?(token) = tokens.nil? || tokens.include?(token)

  def issue
    @issued += 1
    { token: "token-#{@issued}" }
  end

  def state
    rooms = ActionCable.server.connections.map do |connection|
      connection.subscriptions.identifiers.map { |identifier| JSON.parse(identifier)['room'] }.sort
    end
    { rooms: rooms + PlainSocket::OPEN.map { |socket| [socket.room] }, handshakes: handshakes, issued: issued, asked: asked, keepalives: keepalives, messages: messages, repeats: 0 }
  end
end

DESK = Desk.new

class DashboardConnection < ActionCable::Connection::Base
  def connect
    reject_unauthorized_connection unless DESK.user?(request.params['token'])
  end
end

class RoomChannel < ActionCable::Channel::Base
  def subscribed
    DESK.asked << "join #{params[:room]}"
    return reject if DESK.denied.include?(params[:room])

    stream_from "room.#{params[:room]}"
    stream_from 'all'
  end

  def unsubscribed
    DESK.asked << "leave #{params[:room]}"
  end

  def echo(data) = DESK.messages << ['echo', data.except('action')]
end

# A WebSocket that only ever sends. Its address names its room.
class PlainSocket
  OPEN = Set.new

  attr_reader :room

  def initialize(env)
    @room = env['PATH_INFO'].delete_prefix('/')
    @socket = ActionCable::Connection::WebSocket.new(env, self, ActionCable.server.event_loop)
    DESK.handshakes << nil
  end

  def accept = @socket.rack_response

  def transmit(frame) = @socket.transmit(JSON.generate(frame))

  def on_open = OPEN << self

  def on_message(_) = nil

  def on_error(_) = nil

  def on_close(*) = OPEN.delete(self)
end

server = ActionCable.server
server.config.logger = Logger.new($stderr, level: :error)
server.config.cable = { 'adapter' => 'async' }
server.config.connection_class = -> { DashboardConnection }
server.config.disable_request_forgery_protection = true

# A server in front that refuses users before the cable accepts the WebSocket.
cable = lambda do |env|
  token = Rack::Request.new(env).params['token']
  DESK.handshakes << token
  next [403, {}, []] if DESK.refuses == 'before' && !DESK.user?(token)

  server.call(env)
end

ORDERS = {
  'set' => ->(body) { DESK.set(body) },
  'reset' => ->(_) { DESK.reset },
  'emit' => lambda do |body|
    server.broadcast("room.#{body['room']}", body)
    sockets = PlainSocket::OPEN.select { |socket| socket.room == body['room'] }
    sockets.each { |socket| socket.transmit({ type: body['type'], payload: body['data'] }) }
  end,
  'broadcast' => lambda do |body|
    server.broadcast('all', body)
    PlainSocket::OPEN.each { |socket| socket.transmit(body) }
  end,
  # Action Cable closes with 1000, and says why in a message.
  'close' => lambda do |body|
    refused = body['code'] == 4401
    server.connections.dup.each do |connection|
      connection.close(reason: refused ? 'unauthorized' : 'server_restart', reconnect: !refused)
    end
  end,
  'state' => ->(_) {}
}.freeze

HEADERS = {
  'access-control-allow-origin' => '*',
  'access-control-allow-headers' => 'authorization',
  'content-type' => 'application/json'
}.freeze

api = lambda do |env|
  request = Rack::Request.new(env)
  answer = lambda { |body, status = 200| [status, HEADERS.dup, [JSON.generate(body)]] }
  case request.path
  when '/version' then answer.call({ version: DESK.version })
  when '/token' then answer.call(DESK.issue)
  when '/me'
    token = env['HTTP_AUTHORIZATION'].to_s.delete_prefix('Bearer ')
    answer.call({}, request.options? || DESK.user?(token) ? 200 : 403)
  when %r{^/control/(\w+)$}
    ORDERS.fetch(Regexp.last_match(1)).call(JSON.parse(request.body.read))
    answer.call(DESK.state)
  else answer.call({}, 404)
  end
end

Thread.new do
  loop do
    sleep(DESK.keepalive || 0.05)
    next unless DESK.keepalive

    DESK.keepalives += 1
    server.connections.dup.each(&:beat)
  end
end

run Rack::URLMap.new('/cable' => cable, '/ws' => ->(env) { PlainSocket.new(env).accept }, '/' => api)
