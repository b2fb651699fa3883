// Listener: accepts stream connections on a TCP port or a unix path.
//
// IPv6 listeners are V6ONLY; SO_REUSEADDR is set. Connections that the filter refuses are closed at
// once. When the process runs out of descriptors the listener pauses for a second and tries again;
// the kernel's backlog bounds what waits meanwhile. A unix path that is left over from a dead
// process (nobody listens) is replaced; it is removed when the listener is destroyed.
//
// The socket is opened in the calling thread's network namespace (see NamespaceScope), and stays
// there. Destroying the listener stops it; it must not outlive the loop. Loop's thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "io/byte_stream.h"
#include "io/endpoint.h"
#include "io/event_loop.h"
#include "io/tcp_options.h"

namespace fabrix::io {

// Whether an address may be listened on that no interface has (yet): Linux IP_FREEBIND.
enum class FreeBind : std::uint8_t { kNo, kYes };

struct ListenOptions {
  TcpOptions tcp;  // TCP only
  FreeBind free_bind = FreeBind::kNo;
  int backlog = 128;
  StreamLimits limits;                         // of accepted streams
  std::uint32_t unix_mode = 0660;              // permissions of a unix path
  std::function<bool(const Endpoint&)> admit;  // by the peer's address; empty: everyone
};

class Listener {
 public:
  using OnAccept = std::function<void(ByteStream)>;

  // Port 0 picks a free one; see local().
  static Result<Listener> listen(EventLoop& loop, const Endpoint& local, ListenOptions options,
                                 OnAccept on_accept);

  Listener(Listener&&) noexcept = default;
  Listener& operator=(Listener&& other) noexcept;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  const Endpoint& local() const;

  // The port of local(); 0 for a unix path.
  std::uint16_t port() const;

  // Sets, replaces or (empty key) removes the key of one peer, for connections to come.
  Result<void> set_md5_key(const Md5Key& key);

 private:
  class Acceptor;
  explicit Listener(std::shared_ptr<Acceptor> acceptor);
  std::shared_ptr<Acceptor> acceptor_;
};

}  // namespace fabrix::io
