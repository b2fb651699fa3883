// What jemalloc reads where it is linked (jemalloc(3), TUNING): memory that a change has used is
// kept a minute for the next, which else begins with the kernel clearing it page by page.
extern "C" {
[[gnu::visibility("default")]] extern const char* const malloc_conf;
const char* const malloc_conf = "dirty_decay_ms:60000";
}
