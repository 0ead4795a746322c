//! WebSocket echo server on Rust's standard library, a thread per connection. The library has no WebSocket, SHA-1 or
//! base64: all three are written here.

use std::env;
use std::io::{self, BufRead, BufReader, Error, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};
use std::os::unix::io::AsRawFd;
use std::str;
use std::thread;

const BACKLOG: i32 = 4096;
const MESSAGE_BYTES: u64 = 1 << 20;
const REQUEST_BYTES: u64 = 8192;
const READ_BYTES: usize = 4096;
const STACK_BYTES: usize = 64 * 1024;

const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

const CONTINUATION: u8 = 0x0;
const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xA;

/// RFC 3174, for a message as short as a handshake's key.
fn sha1(message: &[u8]) -> [u8; 20] {
    let mut padded = message.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend_from_slice(&(8 * message.len() as u64).to_be_bytes());

    let mut state: [u32; 5] = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0];
    for block in padded.chunks_exact(64) {
        let mut words = [0u32; 80];
        for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
            *word = u32::from_be_bytes(bytes.try_into().unwrap());
        }
        for i in 16..80 {
            words[i] = (words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16]).rotate_left(1);
        }
        let [mut a, mut b, mut c, mut d, mut e] = state;
        for (i, word) in words.iter().enumerate() {
            let (f, k) = match i / 20 {
                0 => ((b & c) | (!b & d), 0x5A827999),
                1 => (b ^ c ^ d, 0x6ED9EBA1),
                2 => ((b & c) | (b & d) | (c & d), 0x8F1BBCDC),
                _ => (b ^ c ^ d, 0xCA62C1D6u32),
            };
            let next = a.rotate_left(5).wrapping_add(f).wrapping_add(e).wrapping_add(k).wrapping_add(*word);
            (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next);
        }
        for (sum, term) in state.iter_mut().zip([a, b, c, d, e]) {
            *sum = sum.wrapping_add(term);
        }
    }
    let mut digest = [0; 20];
    for (bytes, word) in digest.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    digest
}

fn base64(data: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in data.chunks(3) {
        let bits = group.iter().fold(0, |bits, byte| bits << 8 | *byte as u32) << (8 * (3 - group.len()));
        for i in 0..4 {
            let letter = ALPHABET[(bits >> (18 - 6 * i) & 63) as usize] as char;
            text.push(if i <= group.len() { letter } else { '=' });
        }
    }
    text
}

/// What the client did wrong, as the status of a close frame.
struct Violation(u16);

enum Failure {
    Violation(Violation),
    Io(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Io(error)
    }
}

fn violation<T>(status: u16) -> Result<T, Failure> {
    Err(Failure::Violation(Violation(status)))
}

struct Frame {
    is_final: bool,
    opcode: u8,
    payload: Vec<u8>,
}

struct Client<'a> {
    reader: BufReader<&'a TcpStream>,
    writer: &'a TcpStream,
}

impl Client<'_> {
    /// False when there was no handshake in the request.
    fn shake_hands(&mut self) -> io::Result<bool> {
        let mut key = None;
        for line in (&mut self.reader).take(REQUEST_BYTES).lines() {
            let line = line?;
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':') {
                if name.eq_ignore_ascii_case("Sec-WebSocket-Key") {
                    key = Some(value.trim().to_owned());
                }
            }
        }
        let answer = match &key {
            Some(key) => format!(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                 Sec-WebSocket-Accept: {}\r\n\r\n",
                base64(&sha1(format!("{key}{GUID}").as_bytes()))
            ),
            None => "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
        };
        self.writer.write_all(answer.as_bytes())?;
        Ok(key.is_some())
    }

    fn read_array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn read_frame(&mut self) -> Result<Frame, Failure> {
        let [first, second] = self.read_array()?;
        let (is_final, opcode) = (first & 0x80 != 0, first & 0x0F);
        let is_control = opcode >= CLOSE;
        if first & 0x70 != 0 || second & 0x80 == 0 || is_control && (!is_final || second & 0x7F > 125) {
            return violation(1002);
        }
        let length = match second & 0x7F {
            126 => u16::from_be_bytes(self.read_array()?) as u64,
            127 => u64::from_be_bytes(self.read_array()?),
            short => short as u64,
        };
        if length > MESSAGE_BYTES {
            return violation(1009);
        }
        let mask: [u8; 4] = self.read_array()?;
        let mut payload = vec![0; length as usize];
        self.reader.read_exact(&mut payload)?;
        for group in payload.chunks_mut(4) {
            for (byte, key) in group.iter_mut().zip(mask) {
                *byte ^= key;
            }
        }
        Ok(Frame { is_final, opcode, payload })
    }

    fn write_frame(&mut self, opcode: u8, payload: &[u8]) -> io::Result<()> {
        let mut frame = Vec::with_capacity(10 + payload.len());
        frame.push(0x80 | opcode);
        match payload.len() {
            length @ 0..=125 => frame.push(length as u8),
            length @ 126..=65535 => {
                frame.push(126);
                frame.extend_from_slice(&(length as u16).to_be_bytes());
            }
            length => {
                frame.push(127);
                frame.extend_from_slice(&(length as u64).to_be_bytes());
            }
        }
        frame.extend_from_slice(payload);
        self.writer.write_all(&frame)
    }

    fn echo(&mut self) -> Result<(), Failure> {
        let mut opcode = CONTINUATION; // of the message whose fragments are being gathered
        let mut message = Vec::new();
        loop {
            let frame = self.read_frame()?;
            match frame.opcode {
                CONTINUATION | TEXT | BINARY => {
                    if (frame.opcode == CONTINUATION) == (opcode == CONTINUATION) {
                        return violation(1002);
                    }
                    if frame.opcode == CONTINUATION {
                        message.extend_from_slice(&frame.payload);
                    } else {
                        opcode = frame.opcode;
                        message = frame.payload;
                    }
                    if message.len() as u64 > MESSAGE_BYTES {
                        return violation(1009);
                    }
                    if !frame.is_final {
                        continue;
                    }
                    if opcode == TEXT && str::from_utf8(&message).is_err() {
                        return violation(1007);
                    }
                    self.write_frame(opcode, &message)?;
                    opcode = CONTINUATION;
                }
                PING => self.write_frame(PONG, &frame.payload)?,
                PONG => {}
                CLOSE => return Ok(self.write_frame(CLOSE, &frame.payload)?),
                _ => return violation(1002),
            }
        }
    }
}

fn serve(stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut client = Client { reader: BufReader::with_capacity(READ_BYTES, &stream), writer: &stream };
    if !client.shake_hands()? {
        return Ok(());
    }
    match client.echo() {
        Err(Failure::Violation(Violation(status))) => client.write_frame(CLOSE, &status.to_be_bytes()),
        Err(Failure::Io(error)) => Err(error),
        Ok(()) => Ok(()),
    }
}

/// What the standard library links but does not show.
mod system {
    pub const RLIMIT_NOFILE: i32 = 7;

    #[repr(C)]
    pub struct Limit {
        pub current: u64,
        pub maximum: u64,
    }

    extern "C" {
        pub fn getrlimit(resource: i32, limit: *mut Limit) -> i32;
        pub fn setrlimit(resource: i32, limit: *const Limit) -> i32;
        pub fn listen(socket: i32, backlog: i32) -> i32;
    }
}

fn raise_file_limit() {
    let mut limit = system::Limit { current: 0, maximum: 0 };
    unsafe {
        if system::getrlimit(system::RLIMIT_NOFILE, &mut limit) == 0 {
            limit.current = limit.maximum;
            system::setrlimit(system::RLIMIT_NOFILE, &limit);
        }
    }
}

fn listener() -> io::Result<TcpListener> {
    let set = |name| env::var(name).ok().filter(|value: &String| !value.is_empty());
    let invalid = |what: &str| Error::new(ErrorKind::InvalidInput, what.to_owned());
    let port: u16 = set("PORT").unwrap_or_else(|| "8000".into()).parse().map_err(|_| invalid("PORT"))?;
    let listener = match set("ADDRESS") {
        Some(text) => {
            let address: IpAddr = text.parse().map_err(|_| invalid("ADDRESS"))?;
            TcpListener::bind((address, port))?
        }
        // The IPv6 wildcard takes IPv4 too; a kernel without IPv6 has only the other.
        None => TcpListener::bind((Ipv6Addr::UNSPECIFIED, port))
            .or_else(|_| TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)))?,
    };
    // The library listens with a backlog of 128; to listen once more changes it.
    unsafe { system::listen(listener.as_raw_fd(), BACKLOG) };
    Ok(listener)
}

fn main() -> io::Result<()> {
    raise_file_limit();
    for stream in listener()?.incoming() {
        let client = match stream {
            Ok(stream) => thread::Builder::new().stack_size(STACK_BYTES).spawn(move || serve(stream)),
            Err(error) => Err(error),
        };
        if let Err(error) = client {
            eprintln!("rust-std: {error}"); // out of files or threads; the next may find one
        }
    }
    Ok(())
}
