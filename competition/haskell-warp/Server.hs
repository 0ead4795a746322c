{-# LANGUAGE OverloadedStrings #-}

-- WebSocket echo server on Warp and the websockets library, a green thread per connection. Warp sets TCP_NODELAY.
module Main (main) where

import Control.Exception (IOException, catch, handle)
import Control.Monad (forever)
import qualified Network.HTTP.Types as HTTP
import Network.Socket
import qualified Network.Wai as Wai
import qualified Network.Wai.Handler.Warp as Warp
import Network.Wai.Handler.WebSockets (websocketsOr)
import qualified Network.WebSockets as WS
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

refuse :: Wai.Application
refuse _ respond = respond $ Wai.responseLBS HTTP.status400 [] "a WebSocket handshake is expected\n"

listenOn :: HostName -> ServiceName -> IO Socket
listenOn address port = do
  let hints = defaultHints {addrFlags = [AI_NUMERICHOST], addrSocketType = Stream}
  info : _ <- getAddrInfo (Just hints) (Just address) (Just port)
  listener <- openSocket info
  setSocketOption listener ReuseAddr 1
  bind listener (addrAddress info)
  listen listener backlog
  pure listener

raiseFileLimit :: IO ()
raiseFileLimit = do
  limits <- getResourceLimit ResourceOpenFiles
  setResourceLimit ResourceOpenFiles limits {softLimit = hardLimit limits}

fromEnvironment :: String -> IO (Maybe String)
fromEnvironment name = (>>= \value -> if null value then Nothing else Just value) <$> lookupEnv name

main :: IO ()
main = do
  raiseFileLimit
  port <- maybe "8000" id <$> fromEnvironment "PORT"
  address <- fromEnvironment "ADDRESS"
  listener <- case address of
    Just one -> listenOn one port
    -- The IPv6 wildcard takes IPv4 too; a kernel without IPv6 has only the other.
    Nothing -> listenOn "::" port `catch` \(_ :: IOException) -> listenOn "0.0.0.0" port
  let settings = Warp.setTimeout aYear Warp.defaultSettings -- of idleness; it is 30 s otherwise
  Warp.runSettingsSocket settings listener (websocketsOr options echo refuse)
  where
    aYear = 365 * 24 * 60 * 60
