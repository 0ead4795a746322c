## WebSocket echo server on Nim's standard library, one thread: asyncdispatch (epoll) and asyncnet. The library has no
## WebSocket: the protocol is written here.

import std/[asyncdispatch, asyncnet, base64, nativesockets, os, sha1, strutils]
from std/posix import RLimit, RLIMIT_NOFILE, getrlimit, setrlimit
from std/unicode import validateUtf8

const
  Guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
  Backlog = 4096.cint
  MessageBytes = 1 shl 20
  HeaderLines = 100

type
  Opcode = enum
    opContinuation = 0x0, opText = 0x1, opBinary = 0x2, opClose = 0x8, opPing = 0x9, opPong = 0xA

  Frame = object
    isFinal: bool
    opcode: int
    payload: string

  ProtocolError = object of CatchableError
    status: uint16

proc fail(status: uint16) {.noreturn.} =
  raise (ref ProtocolError)(msg: "the client has broken the protocol", status: status)

proc bigEndian(bytes: string): uint64 =
  for each in bytes: result = result shl 8 or each.uint64

proc toBytes(value: uint64, count: int): string =
  for i in countdown(count - 1, 0): result.add char(value shr (8 * i) and 0xFF)

proc recvExactly(client: AsyncSocket, count: int): Future[string] {.async.} =
  result = await client.recv(count)
  if result.len < count: raise newException(IOError, "the client is gone")

proc recvFrame(client: AsyncSocket): Future[Frame] {.async.} =
  let head = await client.recvExactly(2)
  let (first, second) = (head[0].int, head[1].int)
  if (first and 0x70) != 0 or (second and 0x80) == 0: fail(1002)
  let opcode = first and 0x0F
  let isFinal = (first and 0x80) != 0
  var length = (second and 0x7F).uint64
  if opcode >= opClose.ord and (length > 125 or not isFinal): fail(1002)
  if length == 126: length = bigEndian(await client.recvExactly(2))
  elif length == 127: length = bigEndian(await client.recvExactly(8))
  if length > MessageBytes.uint64: fail(1009)

  let mask = await client.recvExactly(4)
  var payload = if length > 0: await client.recvExactly(length.int) else: ""
  for i in 0 ..< payload.len: payload[i] = char(payload[i].uint8 xor mask[i and 3].uint8)
  return Frame(isFinal: isFinal, opcode: opcode, payload: payload)

proc sendFrame(client: AsyncSocket, opcode: int, payload: string) {.async.} =
  var frame = $char(0x80 or opcode)
  if payload.len < 126: frame.add char(payload.len)
  elif payload.len < 65536: frame.add char(126) & toBytes(payload.len.uint64, 2)
  else: frame.add char(127) & toBytes(payload.len.uint64, 8)
  frame.add payload
  await client.send(frame)

proc shakeHands(client: AsyncSocket): Future[bool] {.async.} =
  var key = ""
  for number in 0 .. HeaderLines:
    let line = await client.recvLine()
    if line == "\r\n" or line == "": break
    let colon = line.find(':')
    if colon > 0 and cmpIgnoreCase(line[0 ..< colon], "Sec-WebSocket-Key") == 0: key = line[colon + 1 .. ^1].strip
  if key == "":
    await client.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    return false
  let accept = base64.encode(Sha1Digest(secureHash(key & Guid)))
  await client.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" &
                    "Sec-WebSocket-Accept: " & accept & "\r\n\r\n")
  return true

proc echoMessages(client: AsyncSocket) {.async.} =
  var opcode = opContinuation.ord # of the message whose fragments are being gathered
  var message = ""
  while true:
    let frame = await client.recvFrame()
    case frame.opcode
    of opContinuation.ord, opText.ord, opBinary.ord:
      if (frame.opcode == opContinuation.ord) == (opcode == opContinuation.ord): fail(1002)
      if frame.opcode != opContinuation.ord: opcode = frame.opcode
      message.add frame.payload
      if message.len > MessageBytes: fail(1009)
      if not frame.isFinal: continue
      if opcode == opText.ord and validateUtf8(message) >= 0: fail(1007)
      await client.sendFrame(opcode, message)
      opcode = opContinuation.ord
      message.setLen 0
    of opPing.ord: await client.sendFrame(opPong.ord, frame.payload)
    of opPong.ord: discard
    of opClose.ord:
      await client.sendFrame(opClose.ord, frame.payload)
      return
    else: fail(1002)

proc serve(client: AsyncSocket) {.async.} =
  try:
    client.setSockOpt(OptNoDelay, true, level = IPPROTO_TCP.cint)
    if await client.shakeHands(): await client.echoMessages()
  except ProtocolError as error:
    try: await client.sendFrame(opClose.ord, toBytes(error.status, 2))
    except OSError: discard
  except OSError, IOError: discard # the client is gone
  client.close()

proc raiseFileLimit() =
  var limit: RLimit
  if getrlimit(RLIMIT_NOFILE, limit) == 0:
    limit.rlim_cur = limit.rlim_max
    discard setrlimit(RLIMIT_NOFILE, limit)

proc fromEnvironment(name, otherwise: string): string =
  result = getEnv(name)
  if result == "": result = otherwise

proc run() {.async.} =
  let listener = newAsyncSocket()
  listener.setSockOpt(OptReuseAddr, true)
  listener.bindAddr(Port(fromEnvironment("PORT", "8000").parseInt), fromEnvironment("ADDRESS", "0.0.0.0"))
  listener.listen(Backlog)
  while true: asyncCheck serve(await listener.accept())

raiseFileLimit()
waitFor run()
