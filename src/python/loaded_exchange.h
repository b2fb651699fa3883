// Exchanges for Python: the configuration as values that policies and simulations share.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "base/result.h"
#include "exchange/exchange.h"
#include "python/outcome.h"

namespace fabrix::python {

using ExchangePtr = std::shared_ptr<const exchange::Exchange>;

// From the text of an exchange.yaml; `file` is its name in messages.
Result<ExchangePtr, Failure> load_exchange(std::string_view text, const std::string& file);

// {"name", "asn", "participants": [{"name", "asn", "policy", "peers", "routers": [{"name", "mac",
// "port", "addresses"}]}]}
boost::json::value describe(const exchange::Exchange& exchange);

}  // namespace fabrix::python
