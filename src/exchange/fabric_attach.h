// Where a Linux fabric meets the frames that come in by its ports: at the kernel's tc hook, or at
// XDP before it, in the interface's driver, which leaves to tc what it cannot do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fabrix::exchange {

enum class FabricAttach : std::uint8_t { kTc, kXdp };
std::string_view name_of(FabricAttach attach);  // tc, xdp

// How a port is attached, which may be otherwise than it was told to be.
struct PortAttach {
  FabricAttach at = FabricAttach::kTc;
  std::string refusal;  // why it cannot be at XDP, if it was told to be

  friend bool operator==(const PortAttach&, const PortAttach&) = default;
};

}  // namespace fabrix::exchange
