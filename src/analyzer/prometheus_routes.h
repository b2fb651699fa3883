// For Prometheus: metrics, flows, and the engine itself, as sFlow-RT and its application
// `prometheus` say them (github.com/sflow-rt/prometheus): also at that application's paths.
//
//   /prometheus/flows/ALL/txt?metric=pair&key=ipsource,ipdestination&label=src,dst&value=bytes
//
// Such a question makes a definition of flows, which leaves kLent after it was asked last; so the
// first answer is empty.
#pragma once

#include <chrono>
#include <span>

#include "analyzer/route.h"

namespace fabrix::analyzer {

inline constexpr std::chrono::seconds kLent{300};

std::span<const Route> prometheus_routes();

}  // namespace fabrix::analyzer
