/** The inside of a plot, for what a page draws over the data. Places are in pixels of the element. */
export interface PlotArea {
  ctx: CanvasRenderingContext2D;
  /** Pixels of the canvas for one of the page. */
  ratio: number;
  /** The element above the plot, as large as its data area. */
  over: HTMLElement;
  /** Where the data area is on the canvas, in pixels of the canvas. */
  box: { left: number; top: number; width: number; height: number };
  /** Where a moment is, from the left of the data area. */
  x: (moment: number) => number;
  /** Where a value is, from the top of the data area. */
  y: (value: number) => number;
  valueAt: (top: number) => number;
}

/** What a page draws over a chart: marks, bands, a line that can be dragged. */
export interface ChartLayer {
  /** A value that the axis must reach. */
  reach?: number;
  draw: (area: PlotArea) => void;
  /** Called once for each plot; returns what takes it away again. */
  attach?: (area: PlotArea) => () => void;
}
