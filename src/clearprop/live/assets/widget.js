// src/widget.ts
var e = class {
	model;
	turns = [];
	ports = /* @__PURE__ */ new Set();
	restarts = /* @__PURE__ */ new Set();
	constructor(e) {
		this.model = e;
	}
	hear = (e, t) => {
		let n = t.map((e) => e.buffer.slice(e.byteOffset, e.byteOffset + e.byteLength));
		if (e.type === "messages") this.take(e, n);
		else if (e.type === "at") e.turn !== this.turns.length && this.model.send({ type: "again" });
		else for (let t of this.ports) t.postMessage({
			...e,
			buffers: n
		});
	};
	take({ turn: e, fresh: t }, n) {
		if (t) {
			let e = this.turns.length > 0;
			if (this.turns = [], e) for (let e of [...this.restarts]) e();
		}
		if (e === this.turns.length) {
			this.turns.push(n);
			for (let e of this.ports) e.postMessage({
				type: "messages",
				buffers: n
			});
		}
	}
	view(e, t) {
		e.onmessage = ({ data: e }) => this.model.send(e);
		for (let t of this.turns) e.postMessage({
			type: "messages",
			buffers: t
		});
		return this.ports.add(e), this.restarts.add(t), () => {
			e.close(), this.ports.delete(e), this.restarts.delete(t);
		};
	}
}, t = /* @__PURE__ */ new WeakMap();
function n({ model: n }) {
	let r = new e(n);
	return t.set(n, r), n.on("msg:custom", r.hear), n.send({ type: "open" }), () => n.off("msg:custom", r.hear);
}
function r({ model: e, el: n }) {
	let r = document.createElement("iframe");
	r.title = "Clearprop: a network while it learns", r.style.cssText = `width: 100%; height: ${Number(e.get("_height")) || 720}px; border: 0; display: block`;
	let i = () => {}, a = () => {
		i();
		let n = new MessageChannel();
		r.contentWindow?.postMessage("clearprop", "*", [n.port2]), i = t.get(e)?.view(n.port1, o) ?? i;
	}, o = () => {
		i(), i = () => {}, r.srcdoc = String(e.get("_page"));
	};
	return r.addEventListener("load", a), r.srcdoc = String(e.get("_page")), n.replaceChildren(r), () => i();
}
var i = {
	initialize: n,
	render: r
};
export { i as default };
