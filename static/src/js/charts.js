// Pictures of figures: one question each. Colours come from the style sheet, so both themes are right.
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";
import { dataOf, full, say, short } from "./words.js";

use([BarChart, LineChart, AriaComponent, GridComponent, TooltipComponent, LabelLayout, SVGRenderer]);

const COLOURS = ["chart-1", "chart-2", "chart-3", "chart-4", "chart-5", "chart-6"];
const alive = new Map();

function palette() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    series: COLOURS.map(of), text: of("text"), soft: of("text-soft"), line: of("line"), strong: of("line-strong"),
    page: of("page"), raised: of("raised"), muted: of("chart-muted"), more: of("more"), less: of("less"), face: of("face"),
  };
}

function tooltip(colours, data, trigger) {
  const spoken = (value) => (value === null || value === undefined || Number.isNaN(value) ? say("none") : `${full(value, data.decimals)} ${data.unit}`.trim());
  return {
    trigger, renderMode: "richText", confine: true, axisPointer: { type: trigger === "axis" ? "shadow" : "none", shadowStyle: { color: colours.line, opacity: 0.35 } },
    backgroundColor: colours.raised, borderColor: colours.strong, borderWidth: 1, padding: [8, 10],
    textStyle: { color: colours.text, fontFamily: colours.face, fontSize: 12, lineHeight: 18 },
    formatter: (shown) => {
      const rows = (Array.isArray(shown) ? shown : [shown]).filter((row) => !row.seriesName.startsWith("\0"));
      const head = rows[0]?.name ?? "";
      return [head, ...rows.map((row) => `${rows.length > 1 || data.series.length > 1 ? `${row.seriesName}  ` : ""}${spoken(row.data?.real ?? row.value)}`)].join("\n");
    },
  };
}

function axis(colours, values) {
  return {
    type: "value", splitNumber: 4, axisLine: { show: false }, axisTick: { show: false },
    splitLine: { lineStyle: { color: colours.line } },
    axisLabel: { color: colours.soft, fontFamily: colours.face, fontSize: 12, formatter: short, hideOverlap: true }, ...values,
  };
}

function names(colours, labels, extra = {}) {
  return {
    type: "category", data: labels, axisTick: { show: false }, axisLine: { lineStyle: { color: colours.strong } },
    axisLabel: { color: colours.soft, fontFamily: colours.face, fontSize: 12, lineHeight: 16, hideOverlap: true, ...extra },
  };
}

const plot = (extra = {}) => ({ left: 4, right: 16, top: 24, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel", outerBounds: { left: 0, right: 0, top: 0, bottom: 4 }, ...extra });

/** The name of a line at its last known point, so no legend is needed. */
function endLabel(colour, face) {
  return { show: true, formatter: "{a}", color: colour, fontFamily: face, fontSize: 12, distance: 6 };
}

function wide(values) {
  return Math.max(...values.map((name) => name.length)) * 7 + 12;
}

const KINDS = {
  bars(data, colours) {
    const many = data.series.length > 1;
    return {
      tooltip: tooltip(colours, data, "axis"), grid: plot({ top: 8, right: 56 }), yAxis: { ...names(colours, data.labels, { color: colours.text, width: 160, overflow: "truncate" }), inverse: true, axisLine: { show: false } },
      xAxis: axis(colours, { show: false, min: (range) => Math.min(range.min, 0) }),
      series: data.series.map((one, at) => ({
        type: "bar", name: one.name, data: one.values, barMaxWidth: 20, barCategoryGap: "32%", itemStyle: { color: colours.series[at % 6] },
        label: { show: true, position: "right", color: colours.text, fontFamily: colours.face, fontSize: 12, formatter: (mark) => `${short(mark.value)}${many ? ` ${one.name}` : ""}` },
      })),
    };
  },
  lines(data, colours) {
    return {
      tooltip: tooltip(colours, data, "axis"), grid: plot({ right: wide(data.series.map((one) => one.name)) }), xAxis: names(colours, data.labels), yAxis: axis(colours, {}),
      series: data.series.map((one, at) => {
        const colour = colours.series[at % 6];
        return { type: "line", name: one.name, data: one.values, symbol: "circle", symbolSize: 4, showSymbol: false, lineStyle: { width: 2, type: ["solid", "dashed", "dotted"][Math.floor(at / 2) % 3] }, itemStyle: { color: colour }, endLabel: endLabel(colour, colours.face), labelLayout: { moveOverlap: "shiftY" } };
      }),
    };
  },
  trend(data, colours) {
    const [now, before] = data.series;
    const series = [{ type: "bar", name: now.name, data: now.values, barMaxWidth: 28, barCategoryGap: "36%", itemStyle: { color: colours.series[0] }, z: 2 }];
    if (before) {
      series.push({
        type: "line", name: before.name, data: before.values, step: false, symbol: "circle", symbolSize: 5, lineStyle: { color: colours.soft, width: 1.5, type: "dashed" }, itemStyle: { color: colours.soft }, z: 3,
        endLabel: endLabel(colours.soft, colours.face),
      });
    }
    return { tooltip: tooltip(colours, data, "axis"), grid: plot({ right: before ? wide([before.name]) : 16 }), xAxis: names(colours, data.labels), yAxis: axis(colours, {}), series };
  },
  waterfall(data, colours, narrow) {
    const values = data.series[0].values;
    let level = 0;
    const from = [];
    const bars = values.map((value, at) => {
      const total = data.totals.includes(at);
      const start = total ? 0 : level;
      level = total ? value : level + value;
      from.push(Math.min(start, level));
      return { value: Math.abs(level - start), real: value, itemStyle: { color: total ? colours.series[0] : value >= 0 ? colours.more : colours.less } };
    });
    return {
      tooltip: tooltip(colours, data, "axis"), grid: plot(), xAxis: names(colours, data.labels, { interval: 0, hideOverlap: false, color: colours.text, ...(narrow ? { rotate: 40 } : { width: 88, overflow: "break" }) }), yAxis: axis(colours, {}),
      series: [
        { type: "bar", name: "\0ground", stack: "w", stackStrategy: "all", data: from, itemStyle: { color: "transparent" }, silent: true, tooltip: { show: false }, emphasis: { disabled: true } },
        { type: "bar", name: data.series[0].name, stack: "w", stackStrategy: "all", data: bars, barMaxWidth: 56, label: { show: true, position: "top", color: colours.text, fontFamily: colours.face, fontSize: 12, formatter: (mark) => (data.totals.includes(mark.dataIndex) ? "" : mark.data.real > 0 ? "+" : "") + short(mark.data.real) } },
      ],
    };
  },
};

function options(element, data) {
  const colours = palette();
  return {
    animation: false, aria: { enabled: true, label: { enabled: false } }, backgroundColor: "transparent",
    textStyle: { fontFamily: colours.face, color: colours.text }, color: colours.series, ...KINDS[element.dataset.chart](data, colours, element.clientWidth < 480),
  };
}

export function drawChart(element) {
  const data = dataOf(element);
  if (!data || !KINDS[element.dataset.chart]) return;
  const chart = init(element, null, { renderer: "svg" });
  chart.setOption(options(element, data));
  alive.set(element, { chart, data });
  // The element bears the name; what is drawn inside says nothing more.
  element.querySelector("svg")?.setAttribute("aria-hidden", "true");
  chart.on("click", (mark) => {
    const url = data.urls[mark.dataIndex];
    if (url) location.assign(url);
  });
  new ResizeObserver(() => element.offsetWidth && chart.resize()).observe(element);
}

document.addEventListener("gam:theme", () => {
  for (const [element, { chart, data }] of alive) {
    if (element.isConnected) chart.setOption(options(element, data), true);
    else {
      chart.dispose();
      alive.delete(element);
    }
  }
});
