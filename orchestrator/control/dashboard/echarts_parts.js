// The parts of ECharts that the dashboard draws with; bundled into /dashboard/echarts.js when wsbench is built.
import {init, use} from 'echarts/core';
import {LineChart} from 'echarts/charts';
import {GridComponent, MarkAreaComponent} from 'echarts/components';
import {CanvasRenderer} from 'echarts/renderers';

use([LineChart, GridComponent, MarkAreaComponent, CanvasRenderer]);

export {init};
