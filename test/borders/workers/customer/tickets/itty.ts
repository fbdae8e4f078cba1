export { proxyDurable } from "itty-durable/proxy-durable.js";
