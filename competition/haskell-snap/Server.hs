{-# LANGUAGE OverloadedStrings #-}

-- WebSocket echo server on Snap and the websockets library, a green thread per connection.
module Main (main) where

import Control.Exception (handle)
import Control.Monad (forever)
import qualified Data.ByteString.Builder as Builder
import qualified Data.ByteString.Builder.Extra as Builder
import qualified Data.ByteString.Char8 as ByteString
import qualified Data.ByteString.Lazy as Lazy
import Data.Maybe (fromMaybe)
import Network.Socket (SocketOption (NoDelay), listen, setSocketOption)
import qualified Network.WebSockets as WS
import qualified Network.WebSockets.Connection as WS
import qualified Network.WebSockets.Stream as Stream
import Snap.Core
import Snap.Http.Server
import Snap.Http.Server.Config
import qualified System.IO.Streams as Streams
import System.Environment (lookupEnv)
import System.Posix.Resource

backlog :: Int
backlog = 4096

options :: WS.ConnectionOptions
options = WS.defaultConnectionOptions {WS.connectionStrictUnicode = True}

echo :: WS.ServerApp
echo pending = do
  connection <- WS.acceptRequest pending
  handle hasEnded . forever $ WS.receiveDataMessage connection >>= WS.sendDataMessage connection
  where
    hasEnded :: WS.ConnectionException -> IO ()
    hasEnded _ = pure ()

-- Hands the connection of a request over to websockets. The timeout of an escaped request is the caller's business:
-- nobody restarts it here, and so it must not end within a run.
runWebSockets :: WS.ServerApp -> Snap ()
runWebSockets application = do
  request <- getRequest
  escapeHttp $ \tickle input output -> do
    tickle (const aYear)
    stream <- Stream.makeStream (Streams.read input) (write output)
    application
      WS.PendingConnection
        { WS.pendingOptions = options,
          WS.pendingRequest = WS.RequestHead (rqURI request) (listHeaders request) (rqIsSecure request),
          WS.pendingOnAccept = const (pure ()),
          WS.pendingStream = stream
        }
  where
    write output Nothing = Streams.write Nothing output
    write output (Just bytes) = Streams.write (Just (Builder.lazyByteString bytes <> Builder.flush)) output
    aYear = 365 * 24 * 60 * 60

isHandshake :: Request -> Bool
isHandshake = maybe False (const True) . getHeader "Sec-WebSocket-Key"

site :: Snap ()
site = do
  request <- getRequest
  if isHandshake request then runWebSockets echo else modifyResponse (setResponseCode 400)

-- Snap listens with a backlog of 150; to listen once more changes it. What is accepted inherits TCP_NODELAY.
tuneSockets :: StartupInfo Snap a -> IO ()
tuneSockets info = mapM_ tune (getStartupSockets info)
  where
    tune listener = setSocketOption listener NoDelay 1 >> listen listener backlog

raiseFileLimit :: IO ()
raiseFileLimit = do
  limits <- getResourceLimit ResourceOpenFiles
  setResourceLimit ResourceOpenFiles limits {softLimit = hardLimit limits}

fromEnvironment :: String -> String -> IO String
fromEnvironment name otherwise' = do
  value <- fromMaybe "" <$> lookupEnv name
  pure (if null value then otherwise' else value)

main :: IO ()
main = do
  raiseFileLimit
  port <- read <$> fromEnvironment "PORT" "8000"
  address <- fromEnvironment "ADDRESS" "0.0.0.0"
  let config =
        setPort port
          . setBind (ByteString.pack address)
          . setVerbose False
          . setAccessLog ConfigNoLog
          . setErrorLog ConfigNoLog
          . setStartupHook tuneSockets
          $ (defaultConfig :: Config Snap ())
  simpleHttpServe config site
