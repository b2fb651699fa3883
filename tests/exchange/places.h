// Places: a place for each prefix that was ever asked for (exchange::Place), for tests' routes.
#pragma once

#include <cstdint>
#include <map>

#include "exchange/reachability.h"
#include "net/prefix.h"

namespace fabrix::exchange {

class Places {
 public:
  Place of(const net::Prefix& prefix) const {
    const Place next{static_cast<std::uint32_t>(places_.size())};
    return places_.try_emplace(prefix, next).first->second;
  }

 private:
  mutable std::map<net::Prefix, Place> places_;
};

}  // namespace fabrix::exchange
