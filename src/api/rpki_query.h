// show_rpki(): where the origins of routes are looked up, as `fabrix show rpki` has it.
#pragma once

#include <boost/json/value.hpp>

#include "rpki/rpki_state.h"

namespace fabrix::api {

// {"coverage":"current","summary":"713201 VRPs from cache 192.0.2.1:3323","vrps":713201,
//  "static_vrps":0,"slurm_filters":0,"slurm_assertions":0,
//  "caches":[{"cache":"192.0.2.1:3323","link":"up","in_use":true,"vrps":713201,"session":7,
//             "serial":42,"age":12,"expires_in":7188,"detail":"..."}]}
// Times in seconds; what is not known is not there.
boost::json::value show_rpki(const rpki::RpkiStatus& status);

}  // namespace fabrix::api
