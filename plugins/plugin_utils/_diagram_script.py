# Copyright (c) 2026, The netloom authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The script of the page: folding, search, and the way from a step to its place. It adds no element from text."""

SCRIPT = r"""
'use strict';
(() => {
  const net = document.querySelector('svg.net');
  const page = net.querySelector('.block.page');
  const detail = document.getElementById('detail');
  const detailOf = document.getElementById('detail-of');
  const number = (block, name) => Number(block.dataset[name]);
  const child = (element, name) => [...element.children].find((one) => one.classList.contains(name));
  const inside = (block) => child(block, 'inside');
  const blocks = (block) => [...inside(block).children].filter((one) => one.classList.contains('block'));
  const folded = (block) => block.classList.contains('folded');
  const outer = (element) => element.parentElement.closest('.block');
  const tops = new Map();
  const cut = net.viewBox.baseVal.y;

  // The same as stack() of _diagram_scene.py.
  function stack(block, top) {
    tops.set(block.id, top);
    let y = number(block, 'head');
    if (!folded(block)) {
      y += number(block, 'body');
      let last = 0;
      blocks(block).forEach((one, index) => {
        last = y + (index ? number(block, 'gap') : 0);
        one.setAttribute('transform', `translate(0 ${last})`);
        y = last + stack(one, top + last);
      });
      const spine = child(block, 'spine');
      if (spine) spine.setAttribute('height', Math.max(last + 15 - number(block, 'head'), 0));
      y += number(block, 'foot');
    }
    const ground = child(block, 'ground');
    if (ground) ground.setAttribute('height', y);
    return y;
  }

  function end(words, wire) {
    const [key, x, y, out] = words.split(' ');
    let hiding = null;
    for (let one = document.getElementById(key); one; one = outer(one)) {
      if (folded(one) && (one.id !== key || Number(y) > number(one, 'head'))) hiding = one;
    }
    if (!hiding) return [Number(x), tops.get(key) + Number(y), Number(out)];
    if (hiding.classList.contains('host') && wire.classList.contains('tunnel')) {
      return [0, tops.get(hiding.id) + 14 + Number(wire.dataset.by) + 44, 0];
    }
    return null;
  }

  function draw() {
    const height = stack(page, 0);
    const box = net.viewBox.baseVal;
    net.setAttribute('viewBox', `0 ${cut} ${box.width} ${height - cut}`);
    net.setAttribute('height', height - cut);
    net.querySelector('.paper').setAttribute('height', height);
    for (const wire of net.querySelectorAll('.wire')) {
      const a = end(wire.dataset.from, wire);
      const b = end(wire.dataset.to, wire);
      wire.setAttribute('visibility', a && b ? 'visible' : 'hidden');
      if (a && b) wire.setAttribute('d',
        `M${a[0]} ${a[1]} V${a[1] + a[2]} H${wire.dataset.by} V${b[1] + b[2]} H${b[0]} V${b[1]}`);
    }
  }

  function fold(block, shut) {
    block.classList.toggle('folded', shut);
    const button = block.querySelector('.fold');
    if (button) button.setAttribute('aria-expanded', String(!shut));
  }

  function tell(box) {
    for (const one of net.querySelectorAll('.chosen')) one.classList.remove('chosen');
    box.classList.add('chosen');
    const words = box.querySelector('title').textContent;
    const at = words.indexOf('\n');
    detailOf.textContent = at < 0 ? words : words.slice(0, at);
    detail.textContent = at < 0 ? '' : words.slice(at + 1);
    detail.hidden = at < 0;
  }

  function show(key) {
    const target = document.getElementById(key);
    if (!target || !net.contains(target)) return false;
    for (let one = outer(target); one && one !== page; one = outer(one)) {
      if (!target.parentElement.classList.contains('head') || outer(target) !== one) fold(one, false);
    }
    draw();
    const place = target.classList.contains('box') ? target : target.querySelector('.fold');
    if (target.classList.contains('box')) tell(target);
    place.scrollIntoView({block: 'center', inline: 'center'});
    place.focus({preventScroll: true});
    return true;
  }

  function act(target) {
    const button = target.closest('.fold');
    if (button) {
      const block = outer(button);
      fold(block, !folded(block));
      draw();
      return true;
    }
    const box = target.closest('.box');
    if (box) tell(box);
    return Boolean(box);
  }

  net.addEventListener('click', (event) => act(event.target));
  net.addEventListener('focusin', (event) => {
    if (event.target.classList.contains('box')) tell(event.target);
  });
  net.addEventListener('keydown', (event) => {
    if ((event.key === 'Enter' || event.key === ' ') && act(event.target)) event.preventDefault();
    const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
    if (!step) return;
    const all = [...net.querySelectorAll('[tabindex]')].filter((one) => one.getClientRects().length);
    const next = all[all.indexOf(event.target) + step];
    if (next) next.focus();
    event.preventDefault();
  });

  for (const link of document.querySelectorAll('[data-shows]')) {
    link.addEventListener('click', () => {
      show(link.dataset.shows);
      history.replaceState(null, '', `#${link.dataset.shows}`);
    });
  }

  const find = document.getElementById('find');
  const found = document.getElementById('found');
  const boxes = [...net.querySelectorAll('.box')];
  let texts = null;
  let hits = [];
  let current = -1;
  function search() {
    const words = find.value.trim().toLowerCase();
    texts = texts || boxes.map((box) => box.textContent.toLowerCase());
    for (const one of net.querySelectorAll('.holds-hit')) one.classList.remove('holds-hit');
    hits = boxes.filter((box, index) => {
      const hit = words !== '' && texts[index].includes(words);
      box.classList.toggle('hit', hit);
      return hit;
    });
    // First what is called so, then what only mentions it.
    const named = (box) => box.querySelector('title').textContent.split('\n')[0].toLowerCase().includes(words);
    hits = [...hits.filter(named), ...hits.filter((box) => !named(box))];
    net.classList.toggle('searching', words !== '');
    for (const hit of hits) {
      for (let one = outer(hit); one; one = outer(one)) if (folded(one)) one.classList.add('holds-hit');
    }
    current = -1;
    found.textContent = words === '' ? '' : `${hits.length} of ${boxes.length}`;
  }
  find.addEventListener('input', search);
  find.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') { find.value = ''; search(); }
    if (event.key !== 'Enter' || !hits.length) return;
    current = (current + (event.shiftKey ? hits.length - 1 : 1)) % hits.length;
    show(hits[current].id);
    find.focus({preventScroll: true});
    found.textContent = `${current + 1} of ${hits.length}`;
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === '/' && document.activeElement !== find) { find.focus(); event.preventDefault(); }
  });

  const every = {hosts: '.block.host', networks: '.block.network, .block.lane'};
  for (const [name, which] of Object.entries(every)) {
    const button = document.getElementById(`fold-${name}`);
    button.addEventListener('click', () => {
      const all = [...net.querySelectorAll(which)];
      const shut = !all.every(folded);
      for (const block of all) fold(block, shut);
      draw();
    });
  }

  let zoom = 0;
  const natural = Number(net.getAttribute('width'));
  function size(change) {
    zoom = change ? Math.min(Math.max(zoom + change, -4), 6) : 0;
    const wide = `${Math.round(natural * 1.25 ** zoom)}px`;
    net.style.width = zoom ? wide : '';
    net.style.minWidth = zoom ? wide : '';
    net.style.maxWidth = zoom ? 'none' : '';
  }
  document.getElementById('larger').addEventListener('click', () => size(1));
  document.getElementById('smaller').addEventListener('click', () => size(-1));
  document.getElementById('fit').addEventListener('click', () => size(0));

  if (location.hash.length > 1) show(location.hash.slice(1));
})();
"""
