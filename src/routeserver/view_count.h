// ViewCount: a number for each client, changed for many clients at once. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "routeserver/client_set.h"

namespace fabrix::routeserver {

class ViewCount {
 public:
  // Adds `change` for each of `clients`. Cheap while the same set comes again.
  void add(const ClientSet& clients, std::int64_t change);

  std::size_t of(PeerId client) const;

 private:
  void settle() const;

  // Changes for the last set are gathered; who asks sees them settled.
  mutable ClientSet last_;
  mutable std::int64_t pending_ = 0;
  mutable std::vector<std::int64_t> counts_;
};

}  // namespace fabrix::routeserver
