// What commands ask of a telemetry engine over its HTTP port: fabrixd's, or `fabrix sflow
// analyze`'s.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "app/arguments.h"
#include "base/result.h"
#include "http/client.h"
#include "io/endpoint.h"

namespace fabrix::app {

// --rest of a command, or where engines are by default.
Result<io::IpEndpoint> engine_of(const Arguments& arguments);

// The answer to one request, which is waited for.
Result<http::IncomingResponse> ask_engine(const io::IpEndpoint& engine,
                                          http::OutgoingRequest request);

// The object or array that an engine answers with; fails if it is neither.
Result<boost::json::value> read_answer(const http::IncomingResponse& response);

}  // namespace fabrix::app
