/* A stand-in for NVIDIA's libnvidia-ml.so.1, loaded by the real pynvml through ctypes.
 * The test steers it by setting the `fake_*` integers. A function that is absent here is one the driver lacks. */
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

enum { OK = 0, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3 };

volatile int fake_gpus = 2;
volatile int fake_init_result = OK;
volatile int fake_count_result = OK;
volatile int fake_bad_gpu = -1;        /* the GPU that fails … */
volatile int fake_bad_result = 15;     /* … with this code … */
volatile int fake_bad_from_handle = 0; /* … already when its handle is asked for */
volatile int fake_no_memory_v2 = 0;
volatile int fake_unified_memory = 0;
volatile int fake_garbled_name = 0;
volatile int fake_hang = 0;

volatile int fake_inits = 0;
volatile int fake_shutdowns = 0;
volatile int fake_hanging = 0;

typedef struct { int index; } gpu;
static gpu gpus[16];

static int figure(gpu *device) {
    if (fake_hang) {
        fake_hanging = 1;
        while (fake_hang) usleep(500);
        fake_hanging = 0;
    }
    return device->index == fake_bad_gpu ? fake_bad_result : OK;
}

const char *nvmlErrorString(int code) { return code ? "an error of the stand-in" : "success"; }

int nvmlInitWithFlags(unsigned flags) {
    (void)flags;
    if (fake_init_result == OK) fake_inits++;
    return fake_init_result;
}

int nvmlShutdown(void) {
    fake_shutdowns++;
    return OK;
}

int nvmlSystemGetDriverVersion(char *text, unsigned length) {
    snprintf(text, length, "570.12.34");
    return OK;
}

int nvmlDeviceGetCount_v2(unsigned *count) {
    *count = (unsigned)fake_gpus;
    return fake_count_result;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, gpu **device) {
    if ((int)index >= fake_gpus || index >= 16) return INVALID_ARGUMENT;
    if ((int)index == fake_bad_gpu && fake_bad_from_handle) return fake_bad_result;
    gpus[index].index = (int)index;
    *device = &gpus[index];
    return OK;
}

int nvmlDeviceGetName(gpu *device, char *text, unsigned length) {
    snprintf(text, length, fake_garbled_name ? "\xff\xfe" : "NVIDIA Test %d", device->index);
    return OK;
}

int nvmlDeviceGetUUID(gpu *device, char *text, unsigned length) {
    snprintf(text, length, "GPU-00000000-0000-0000-0000-00000000000%d", device->index);
    return OK;
}

int nvmlDeviceGetUtilizationRates(gpu *device, unsigned *rates) {
    rates[0] = 37;
    rates[1] = 12;
    return figure(device);
}

int nvmlDeviceGetMemoryInfo(gpu *device, uint64_t *memory) { /* total, free, used; used holds the reserved part */
    memory[0] = fake_unified_memory ? 0 : 80000;
    memory[1] = 48000;
    memory[2] = fake_unified_memory ? 0 : 32000;
    return figure(device);
}

int nvmlDeviceGetMemoryInfo_v2(gpu *device, char *memory) { /* version, then total, reserved, free, used */
    uint64_t *sizes = (uint64_t *)(memory + 8);
    if (fake_no_memory_v2) return 25;
    sizes[0] = fake_unified_memory ? 0 : 80000;
    sizes[1] = 2000;
    sizes[2] = 48000;
    sizes[3] = fake_unified_memory ? 0 : 30000;
    return figure(device);
}

int nvmlDeviceGetTemperature(gpu *device, int sensor, unsigned *celsius) {
    if (sensor != 0) return INVALID_ARGUMENT;
    *celsius = 61;
    return figure(device);
}

int nvmlDeviceGetPowerUsage(gpu *device, unsigned *milliwatts) {
    *milliwatts = 412500;
    return figure(device);
}

int nvmlDeviceGetEnforcedPowerLimit(gpu *device, unsigned *milliwatts) {
    (void)milliwatts;
    int result = figure(device);
    return result ? result : NOT_SUPPORTED;
}

int nvmlDeviceGetPowerManagementLimit(gpu *device, unsigned *milliwatts) {
    *milliwatts = 700000;
    return figure(device);
}
