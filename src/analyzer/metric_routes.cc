#include "analyzer/metric_routes.h"

namespace fabrix::analyzer {

std::span<const Route> metric_routes() {
  return {};
}

}  // namespace fabrix::analyzer
